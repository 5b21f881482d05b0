// Q1_0: 128 weights in 18 bytes, a half-precision scale and signs.
#pragma once

#include <cstdint>

namespace loam {

// w = d where the weight's bit is set, else −d
struct BlockQ1_0 {
  uint16_t d;        // half
  uint8_t bits[16];  // weight i is bit i % 8 of byte i / 8
};
static_assert(sizeof(BlockQ1_0) == 18);

void decode_q1_0(const BlockQ1_0* block, float* out) noexcept;
// importance: of each weight's squared error, or nullptr.
void encode_q1_0(const float* x, const float* importance, BlockQ1_0* block) noexcept;

}  // namespace loam
