// The types without blocks, F32, F16 and BF16, as rows of values.
#pragma once

#include <cstdint>

namespace loam {

void decode_f32(const void* values, int64_t n, float* out) noexcept;
void encode_f32(const float* x, int64_t n, void* values) noexcept;
void decode_f16(const void* values, int64_t n, float* out) noexcept;
void encode_f16(const float* x, int64_t n, void* values) noexcept;
void decode_bf16(const void* values, int64_t n, float* out) noexcept;
void encode_bf16(const float* x, int64_t n, void* values) noexcept;

}  // namespace loam
