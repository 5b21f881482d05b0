// Q4_1: 32 weights in 20 bytes, a half-precision scale and minimum and 4-bit codes.
#pragma once

#include <cstdint>

namespace loam {

// w = d·q + m
struct BlockQ4_1 {
  uint16_t d, m;        // halves
  uint8_t nibbles[16];  // weight i in the low half of byte i, weight i + 16 in the high half
};
static_assert(sizeof(BlockQ4_1) == 20);

void decode_q4_1(const BlockQ4_1* block, float* out) noexcept;
void encode_q4_1(const float* x, BlockQ4_1* block) noexcept;

}  // namespace loam
