// TQ1_0: 256 weights in 54 bytes, a half-precision scale and values of −1, 0, 1, five in a byte.
#pragma once

#include <cstdint>

namespace loam {

// w = d·(q − 1), q = 0, 1, 2. A byte holds ⌈256·f⌉ of the base-3 fraction f = 0.q₀q₁q₂q₃q₄: times 3, the whole part is
// q₀.
struct BlockTQ1_0 {
  uint8_t fives[48];  // q_n of byte i is weight 32n + i for i < 32, else weight 160 + 16n + i − 32
  uint8_t fours[4];   // q_n of byte i is weight 240 + 4n + i (n < 4)
  uint16_t d;         // half
};
static_assert(sizeof(BlockTQ1_0) == 54);

void unpack_codes(const BlockTQ1_0* block, uint8_t codes[256]) noexcept;
void decode_tq1_0(const BlockTQ1_0* block, float* out) noexcept;
// importance: of each weight's squared error, or nullptr.
void encode_tq1_0(const float* x, const float* importance, BlockTQ1_0* block) noexcept;

}  // namespace loam
