// IQ2_XXS: 256 weights in 66 bytes, vectors of eight magnitudes from a grid of 256, in 8 groups with a 4-bit scale
// each.
#pragma once

#include <cstdint>

namespace loam {

// Group j holds weights 32j … 32j + 31: w = (d·(2·scale_j + 1)/8)·v, v = ±8, ±25, ±43
struct BlockIQ2_XXS {
  uint16_t d;  // half
  // Four indices of kIq2XxsGrid; then a 32-bit number: seven bits of signs of each of the four (see with_parity), the
  // first lowest, and scale_j in the highest four bits.
  uint8_t groups[8][8];
};
static_assert(sizeof(BlockIQ2_XXS) == 66);

// The signed values of the grid's vectors, and each group's step 2·scale_j + 1.
void unpack_values(const BlockIQ2_XXS* block, int8_t values[256]) noexcept;
void unpack_steps(const BlockIQ2_XXS* block, uint8_t steps[8]) noexcept;
void decode_iq2_xxs(const BlockIQ2_XXS* block, float* out) noexcept;
// importance: of each weight's squared error, or nullptr.
void encode_iq2_xxs(const float* x, const float* importance, BlockIQ2_XXS* block) noexcept;

}  // namespace loam
