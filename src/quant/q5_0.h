// Q5_0: 32 weights in 22 bytes, a half-precision scale and 5-bit codes biased by 16.
#pragma once

#include <cstdint>

namespace loam {

// w = d·(q − 16)
struct BlockQ5_0 {
  uint16_t d;            // half
  uint8_t high_bits[4];  // bit 4 of weight i is bit i % 8 of byte i / 8
  uint8_t nibbles[16];   // the low four bits, as in Q4_0
};
static_assert(sizeof(BlockQ5_0) == 22);

void decode_q5_0(const BlockQ5_0* block, float* out) noexcept;
void encode_q5_0(const float* x, BlockQ5_0* block) noexcept;

}  // namespace loam
