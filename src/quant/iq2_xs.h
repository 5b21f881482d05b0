// IQ2_XS: 256 weights in 74 bytes, vectors of eight magnitudes from a grid of 512, in 16 groups with a 4-bit scale
// each.
#pragma once

#include <cstdint>

namespace loam {

// Group j holds weights 16j … 16j + 15: w = (d·(2·scale_j + 1)/8)·v, v = ±8, ±25, ±43
struct BlockIQ2_XS {
  uint16_t d;            // half
  uint16_t vectors[32];  // index of kIq2XsGrid in the low nine bits, seven bits of signs above (see with_parity)
  uint8_t scales[8];     // scale_j: byte j / 2, low half for even j
};
static_assert(sizeof(BlockIQ2_XS) == 74);

// The signed values of the grid's vectors, and each group's step 2·scale_j + 1.
void unpack_values(const BlockIQ2_XS* block, int8_t values[256]) noexcept;
void unpack_steps(const BlockIQ2_XS* block, uint8_t steps[16]) noexcept;
void decode_iq2_xs(const BlockIQ2_XS* block, float* out) noexcept;
// importance: of each weight's squared error, or nullptr.
void encode_iq2_xs(const float* x, const float* importance, BlockIQ2_XS* block) noexcept;

}  // namespace loam
