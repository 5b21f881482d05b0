// MXFP4: 32 weights in 17 bytes, a power-of-two scale and 4-bit floats (OCP microscaling formats, version 1.0).
#pragma once

#include <cstdint>

namespace loam {

// Twice the values of E2M1, so that they are integers.
inline constexpr int8_t kMxfp4Values[16] = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

// w = 2^(exponent − 128)·kMxfp4Values[q]
struct BlockMXFP4 {
  uint8_t exponent;
  uint8_t nibbles[16];  // weight i in the low half of byte i, weight i + 16 in the high half
};
static_assert(sizeof(BlockMXFP4) == 17);

// 2^(exponent − 128), which is subnormal for exponents 0 and 1.
float mxfp4_scale(uint8_t exponent) noexcept;
void decode_mxfp4(const BlockMXFP4* block, float* out) noexcept;
// With the exponent that the specification gives.
void encode_mxfp4(const float* x, BlockMXFP4* block) noexcept;
// With the best of the exponents around it; importance: of each weight's squared error, or nullptr.
void search_mxfp4(const float* x, const float* importance, BlockMXFP4* block) noexcept;

}  // namespace loam
