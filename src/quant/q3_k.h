// Q3_K: 256 weights in 110 bytes, 3-bit codes in 16 groups with a signed 6-bit scale each.
#pragma once

#include <cstdint>

namespace loam {

// Group j holds weights 16j … 16j + 15: w = (d·(scale_j − 32))·(q − 4)
struct BlockQ3_K {
  uint8_t high_bits[32];  // bit 2 of weight 32s + i is bit s of byte i (s < 8, i < 32)
  uint8_t codes[64];      // the low two bits: weight 128h + 32s + i is bits 2s, 2s + 1 of byte 32h + i (s < 4)
  uint8_t
      scales[12];  // low four bits of scale_j: byte j % 8, low half for j < 8; high two: byte 8 + j % 4, at 2·(j / 4)
  uint16_t d;      // half
};
static_assert(sizeof(BlockQ3_K) == 110);

// scales[j] = scale_j − 32
void unpack_scales(const BlockQ3_K* block, int8_t scales[16]) noexcept;
void decode_q3_k(const BlockQ3_K* block, float* out) noexcept;
// importance: of each weight's squared error, or nullptr.
void encode_q3_k(const float* x, const float* importance, BlockQ3_K* block) noexcept;

}  // namespace loam
