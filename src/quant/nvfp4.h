// NVFP4: 64 weights in 36 bytes, 4-bit floats in 4 groups with an 8-bit float scale each.
#pragma once

#include <cstdint>

namespace loam {

// Group j holds weights 16j … 16j + 15: w = nvfp4_scale(scale_j)·kMxfp4Values[q] (quant/mxfp4.h)
struct BlockNVFP4 {
  uint8_t scales[4];    // E4M3 without a sign
  uint8_t nibbles[32];  // weights 16j + i and 16j + 8 + i are the low and high half of byte 8j + i (i < 8)
};
static_assert(sizeof(BlockNVFP4) == 36);

// Half the value of an E4M3 number, whose highest bit does not count: the codes are twice theirs. 0 for 127, "no
// number".
float nvfp4_scale(uint8_t e4m3) noexcept;
void decode_nvfp4(const BlockNVFP4* block, float* out) noexcept;
// importance: of each weight's squared error, or nullptr.
void encode_nvfp4(const float* x, const float* importance, BlockNVFP4* block) noexcept;

}  // namespace loam
