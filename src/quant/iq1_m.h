// IQ1_M: 256 weights in 56 bytes, vectors of eight times −1, 0, 1 from a grid of 2048 with a shift each, in 16 groups
// with a 3-bit scale.
#pragma once

#include <cstdint>

namespace loam {

// Group j holds weights 16j … 16j + 15: w = (d·(2·scale_j + 1))·(v ± ⅛)
struct BlockIQ1_M {
  uint8_t low[32];   // low eight bits of the index of vector v in kIq1Grid
  uint8_t high[16];  // byte v / 2, low half for even v: the high three bits, and 8 where the vector has −⅛, not +⅛
  // Three bits of scale_j at 3·(j % 4) of number j / 4; the highest four bits of the numbers are d's (a half), the
  // lowest first.
  uint16_t scales[4];
};
static_assert(sizeof(BlockIQ1_M) == 56);

uint16_t half_of(const BlockIQ1_M* block) noexcept;
// 8·(v ± ⅛), and each group's step 2·scale_j + 1.
void unpack_values(const BlockIQ1_M* block, int8_t values[256]) noexcept;
void unpack_steps(const BlockIQ1_M* block, uint8_t steps[16]) noexcept;
void decode_iq1_m(const BlockIQ1_M* block, float* out) noexcept;
// importance: of each weight's squared error, or nullptr.
void encode_iq1_m(const float* x, const float* importance, BlockIQ1_M* block) noexcept;

}  // namespace loam
