// IQ4_NL: 32 weights in 18 bytes, a half-precision scale and 4-bit codes into a fixed non-linear table.
#pragma once

#include <cstdint>

namespace loam {

inline constexpr int8_t kIq4Values[16] = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};

// w = d·kIq4Values[q]
struct BlockIQ4_NL {
  uint16_t d;           // half
  uint8_t nibbles[16];  // weight i in the low half of byte i, weight i + 16 in the high half
};
static_assert(sizeof(BlockIQ4_NL) == 18);

void decode_iq4_nl(const BlockIQ4_NL* block, float* out) noexcept;
// importance: of each weight's squared error, or nullptr.
void encode_iq4_nl(const float* x, const float* importance, BlockIQ4_NL* block) noexcept;

}  // namespace loam
