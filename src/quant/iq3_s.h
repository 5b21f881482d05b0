// IQ3_S: 256 weights in 110 bytes, vectors of four magnitudes from a grid of 512, in 8 groups with a 4-bit scale each.
#pragma once

#include <cstdint>

namespace loam {

// Group j holds weights 32j … 32j + 31: w = (d·(2·scale_j + 1))·v, v = ±1, ±3, … ±15
struct BlockIQ3_S {
  uint16_t d;         // half
  uint8_t low[64];    // low eight bits of the index of vector v in kIq3SGrid
  uint8_t high[8];    // the ninth: bit v % 8 of byte v / 8
  uint8_t signs[32];  // bit i % 8 of byte i / 8: weight i is negative
  uint8_t scales[4];  // scale_j: byte j / 2, low half for even j
};
static_assert(sizeof(BlockIQ3_S) == 110);

// The signed values of the grid's vectors, and each group's step 2·scale_j + 1.
void unpack_values(const BlockIQ3_S* block, int8_t values[256]) noexcept;
void unpack_steps(const BlockIQ3_S* block, uint8_t steps[8]) noexcept;
void decode_iq3_s(const BlockIQ3_S* block, float* out) noexcept;
// importance: of each weight's squared error, or nullptr.
void encode_iq3_s(const float* x, const float* importance, BlockIQ3_S* block) noexcept;

}  // namespace loam
