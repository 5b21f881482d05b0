// Q4_K: 256 weights in 144 bytes, 4-bit codes in 8 groups with a 6-bit scale and minimum each.
#pragma once

#include <cstdint>

namespace loam {

// Group j holds weights 32j … 32j + 31: w = (d·scale_j)·q − (d_min·min_j)
struct BlockQ4_K {
  uint16_t d, d_min;     // halves
  uint8_t scales[12];    // see unpack_k_scales
  uint8_t nibbles[128];  // weights 64p + i and 64p + 32 + i are the low and high half of byte 32p + i (p < 4, i < 32)
};
static_assert(sizeof(BlockQ4_K) == 144);

// Q4_K's and Q5_K's eight 6-bit scales and minimums. Groups 0-3: the low six bits of bytes j (scale) and j + 4
// (minimum). Groups 4-7: low four bits in byte j + 4 (scale low half, minimum high half), high two in the top of bytes
// j − 4 and j.
void unpack_k_scales(const uint8_t packed[12], uint8_t scales[8], uint8_t mins[8]) noexcept;
void pack_k_scales(const uint8_t scales[8], const uint8_t mins[8], uint8_t packed[12]) noexcept;
void decode_q4_k(const BlockQ4_K* block, float* out) noexcept;
// importance: of each weight's squared error, or nullptr.
void encode_q4_k(const float* x, const float* importance, BlockQ4_K* block) noexcept;

}  // namespace loam
