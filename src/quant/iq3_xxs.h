// IQ3_XXS: 256 weights in 98 bytes, vectors of four magnitudes from a grid of 256, in 8 groups with a 4-bit scale each.
#pragma once

#include <cstdint>

namespace loam {

// Group j holds weights 32j … 32j + 31: w = (d·(2·scale_j + 1)/4)·v, |v| = 4, 12, … 52, 62
struct BlockIQ3_XXS {
  uint16_t d;           // half
  uint8_t vectors[64];  // indices of kIq3XxsGrid
  // A 32-bit number for each group: seven bits of signs of each eight weights (see with_parity), the first lowest, and
  // scale_j in the highest four bits.
  uint8_t groups[8][4];
};
static_assert(sizeof(BlockIQ3_XXS) == 98);

// The signed values of the grid's vectors, and each group's step 2·scale_j + 1.
void unpack_values(const BlockIQ3_XXS* block, int8_t values[256]) noexcept;
void unpack_steps(const BlockIQ3_XXS* block, uint8_t steps[8]) noexcept;
void decode_iq3_xxs(const BlockIQ3_XXS* block, float* out) noexcept;
// importance: of each weight's squared error, or nullptr.
void encode_iq3_xxs(const float* x, const float* importance, BlockIQ3_XXS* block) noexcept;

}  // namespace loam
