#include "quant/tq2_0.h"

#include "quant/half.h"
#include "quant/scale_search.h"

namespace loam {

void unpack_codes(const BlockTQ2_0* block, uint8_t codes[256]) noexcept {
  for (int w = 0; w < 256; ++w) codes[w] = block->codes[w / 128 * 32 + w % 32] >> w % 128 / 32 * 2 & 3;
}

void decode_tq2_0(const BlockTQ2_0* block, float* out) noexcept {
  const float d = f16_to_f32(block->d);
  uint8_t codes[256];
  unpack_codes(block, codes);
  for (int w = 0; w < 256; ++w) out[w] = d * static_cast<float>(codes[w] - 1);
}

void encode_tq2_0(const float* x, const float* importance, BlockTQ2_0* block) noexcept {
  int8_t values[256];
  *block = {};
  block->d = search_one_scale<IntegerCodes<-1, 1>>(x, importance, 256, values);
  for (int w = 0; w < 256; ++w)
    block->codes[w / 128 * 32 + w % 32] |= static_cast<uint8_t>((values[w] + 1) << w % 128 / 32 * 2);
}

}  // namespace loam
