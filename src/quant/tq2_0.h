// TQ2_0: 256 weights in 66 bytes, a half-precision scale and 2-bit values of −1, 0, 1.
#pragma once

#include <cstdint>

namespace loam {

// w = d·(q − 1)
struct BlockTQ2_0 {
  uint8_t codes[64];  // weight 128h + 32s + i is bits 2s, 2s + 1 of byte 32h + i (h < 2, s < 4, i < 32)
  uint16_t d;         // half
};
static_assert(sizeof(BlockTQ2_0) == 66);

void unpack_codes(const BlockTQ2_0* block, uint8_t codes[256]) noexcept;
void decode_tq2_0(const BlockTQ2_0* block, float* out) noexcept;
// importance: of each weight's squared error, or nullptr.
void encode_tq2_0(const float* x, const float* importance, BlockTQ2_0* block) noexcept;

}  // namespace loam
