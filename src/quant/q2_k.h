// Q2_K: 256 weights in 84 bytes, 2-bit codes in 16 groups with a 4-bit scale and minimum each.
#pragma once

#include <cstdint>

namespace loam {

// Group j holds weights 16j … 16j + 15: w = (d·scale_j)·q − (d_min·min_j)
struct BlockQ2_K {
  uint8_t scales[16];  // scale_j in the low half, min_j in the high half
  uint8_t codes[64];   // weight 128h + 32s + i is bits 2s, 2s + 1 of byte 32h + i (h < 2, s < 4, i < 32)
  uint16_t d, d_min;   // halves
};
static_assert(sizeof(BlockQ2_K) == 84);

void decode_q2_k(const BlockQ2_K* block, float* out) noexcept;
// importance: of each weight's squared error, or nullptr.
void encode_q2_k(const float* x, const float* importance, BlockQ2_K* block) noexcept;

}  // namespace loam
