// Q5_1: 32 weights in 24 bytes, a half-precision scale and minimum and 5-bit codes.
#pragma once

#include <cstdint>

namespace loam {

// w = d·q + m
struct BlockQ5_1 {
  uint16_t d, m;         // halves
  uint8_t high_bits[4];  // bit 4 of weight i is bit i % 8 of byte i / 8
  uint8_t nibbles[16];   // the low four bits, as in Q4_1
};
static_assert(sizeof(BlockQ5_1) == 24);

void decode_q5_1(const BlockQ5_1* block, float* out) noexcept;
void encode_q5_1(const float* x, BlockQ5_1* block) noexcept;

}  // namespace loam
