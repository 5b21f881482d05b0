// Q6_K: 256 weights in 210 bytes, 6-bit codes biased by 32 in 16 groups with a signed 8-bit scale each.
#pragma once

#include <cstdint>

namespace loam {

// Group j holds weights 16j … 16j + 15: w = (d·scale_j)·(q − 32)
struct BlockQ6_K {
  // Weight 128h + 32s + i (h < 2, s < 4, i < 32):
  uint8_t low[128];  // low four bits: byte 64h + 32·(s % 2) + i, its low half for s < 2, else its high half
  uint8_t high[64];  // high two bits: bits 2s, 2s + 1 of byte 32h + i
  int8_t scales[16];
  uint16_t d;  // half
};
static_assert(sizeof(BlockQ6_K) == 210);

void decode_q6_k(const BlockQ6_K* block, float* out) noexcept;
// importance: of each weight's squared error, or nullptr.
void encode_q6_k(const float* x, const float* importance, BlockQ6_K* block) noexcept;

}  // namespace loam
