// Q2_0: 64 weights in 18 bytes, a half-precision scale and 2-bit codes.
#pragma once

#include <cstdint>

namespace loam {

// w = d·(q − 1)
struct BlockQ2_0 {
  uint16_t d;         // half
  uint8_t codes[16];  // weight i is bits 2·(i % 4), 2·(i % 4) + 1 of byte i / 4
};
static_assert(sizeof(BlockQ2_0) == 18);

void decode_q2_0(const BlockQ2_0* block, float* out) noexcept;
// importance: of each weight's squared error, or nullptr.
void encode_q2_0(const float* x, const float* importance, BlockQ2_0* block) noexcept;

}  // namespace loam
