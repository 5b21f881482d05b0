// Q5_K: 256 weights in 176 bytes, 5-bit codes in 8 groups with a 6-bit scale and minimum each.
#pragma once

#include <cstdint>

namespace loam {

// Group j holds weights 32j … 32j + 31: w = (d·scale_j)·q − (d_min·min_j)
struct BlockQ5_K {
  uint16_t d, d_min;      // halves
  uint8_t scales[12];     // see unpack_k_scales in quant/q4_k.h
  uint8_t high_bits[32];  // bit 4 of weight 32j + i is bit j of byte i
  uint8_t nibbles[128];   // the low four bits, as in Q4_K
};
static_assert(sizeof(BlockQ5_K) == 176);

void decode_q5_k(const BlockQ5_K* block, float* out) noexcept;
// importance: of each weight's squared error, or nullptr.
void encode_q5_k(const float* x, const float* importance, BlockQ5_K* block) noexcept;

}  // namespace loam
