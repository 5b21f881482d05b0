// Q4_0: 32 weights in 18 bytes, a half-precision scale and 4-bit codes biased by 8.
#pragma once

#include <cstdint>

namespace loam {

// w = d·(q − 8)
struct BlockQ4_0 {
  uint16_t d;           // half
  uint8_t nibbles[16];  // weight i in the low half of byte i, weight i + 16 in the high half
};
static_assert(sizeof(BlockQ4_0) == 18);

void decode_q4_0(const BlockQ4_0* block, float* out) noexcept;
void encode_q4_0(const float* x, BlockQ4_0* block) noexcept;

}  // namespace loam
