// Q8_0: 32 weights in 34 bytes, a half-precision scale and signed 8-bit codes.
#pragma once

#include <cstdint>

namespace loam {

// w = d·q
struct BlockQ8_0 {
  uint16_t d;  // half
  int8_t q[32];
};
static_assert(sizeof(BlockQ8_0) == 34);

void decode_q8_0(const BlockQ8_0* block, float* out) noexcept;
void encode_q8_0(const float* x, BlockQ8_0* block) noexcept;

}  // namespace loam
