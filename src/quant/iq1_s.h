// IQ1_S: 256 weights in 50 bytes, vectors of eight times −1, 0, 1 from a grid of 2048, in 8 groups with a 3-bit scale
// and a shift each.
#pragma once

#include <cstdint>

namespace loam {

// Group j holds weights 32j … 32j + 31: w = (d·(2·scale_j + 1))·(v ± ⅛)
struct BlockIQ1_S {
  uint16_t d;       // half
  uint8_t low[32];  // low eight bits of the index of vector v in kIq1Grid
  uint16_t group[8];  // the high three bits of each of four vectors, the first lowest; then scale_j; bit 15: −⅛, not +⅛
};
static_assert(sizeof(BlockIQ1_S) == 50);

// 8·(v ± ⅛), and each group's step 2·scale_j + 1.
void unpack_values(const BlockIQ1_S* block, int8_t values[256]) noexcept;
void unpack_steps(const BlockIQ1_S* block, uint8_t steps[8]) noexcept;
void decode_iq1_s(const BlockIQ1_S* block, float* out) noexcept;
// importance: of each weight's squared error, or nullptr.
void encode_iq1_s(const float* x, const float* importance, BlockIQ1_S* block) noexcept;

}  // namespace loam
