// IQ4_XS: 256 weights in 136 bytes, IQ4_NL codes in 8 groups with a signed 6-bit scale each.
#pragma once

#include <cstdint>

namespace loam {

// Group j holds weights 32j … 32j + 31: w = (d·(scale_j − 32))·kIq4Values[q]
struct BlockIQ4_XS {
  uint16_t d;             // half
  uint16_t scales_high;   // high two bits of scale_j at 2j
  uint8_t scales_low[4];  // low four bits of scale_j: byte j / 2, low half for even j
  uint8_t nibbles[128];   // weights 32j + i and 32j + 16 + i are the low and high half of byte 16j + i (i < 16)
};
static_assert(sizeof(BlockIQ4_XS) == 136);

// scales[j] = scale_j − 32
void unpack_scales(const BlockIQ4_XS* block, int8_t scales[8]) noexcept;
void decode_iq4_xs(const BlockIQ4_XS* block, float* out) noexcept;
// importance: of each weight's squared error, or nullptr.
void encode_iq4_xs(const float* x, const float* importance, BlockIQ4_XS* block) noexcept;

}  // namespace loam
