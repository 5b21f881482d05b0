// IQ2_S: 256 weights in 82 bytes, vectors of eight magnitudes from a grid of 1024, in 16 groups with a 4-bit scale
// each.
#pragma once

#include <cstdint>

namespace loam {

// Group j holds weights 16j … 16j + 15: w = (d·(2·scale_j + 1)/8)·v, v = ±8, ±25, ±43
struct BlockIQ2_S {
  uint16_t d;         // half
  uint8_t low[32];    // low eight bits of the index of vector v in kIq2SGrid
  uint8_t signs[32];  // bit i of byte v: weight 8v + i is negative
  uint8_t high[8];    // high two bits of the index: byte v / 4, at 2·(v % 4)
  uint8_t scales[8];  // scale_j: byte j / 2, low half for even j
};
static_assert(sizeof(BlockIQ2_S) == 82);

// The signed values of the grid's vectors, and each group's step 2·scale_j + 1.
void unpack_values(const BlockIQ2_S* block, int8_t values[256]) noexcept;
void unpack_steps(const BlockIQ2_S* block, uint8_t steps[16]) noexcept;
void decode_iq2_s(const BlockIQ2_S* block, float* out) noexcept;
// importance: of each weight's squared error, or nullptr.
void encode_iq2_s(const float* x, const float* importance, BlockIQ2_S* block) noexcept;

}  // namespace loam
