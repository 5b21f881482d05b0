// What the kernels ask of the compiler beyond the language.
#pragma once

// The register tiles are arrays that must become registers: their functions inline, their loops unroll entirely.
#define LOAM_INLINE [[gnu::always_inline]] inline
#if defined(__clang__)
#define LOAM_UNROLL _Pragma("unroll")
#else
#define LOAM_UNROLL _Pragma("GCC unroll 16")
#endif
