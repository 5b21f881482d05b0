#include "quant/iq4_xs.h"

#include "quant/codes.h"
#include "quant/half.h"
#include "quant/iq4_nl.h"
#include "quant/scale_search.h"
#include "quant/table_codes.h"

namespace loam {

void unpack_scales(const BlockIQ4_XS* block, int8_t scales[8]) noexcept {
  for (int j = 0; j < 8; ++j) {
    const int low = block->scales_low[j / 2] >> j % 2 * 4 & 15;
    const int high = block->scales_high >> 2 * j & 3;
    scales[j] = static_cast<int8_t>((low | high << 4) - 32);
  }
}

void decode_iq4_xs(const BlockIQ4_XS* block, float* out) noexcept {
  const float d = f16_to_f32(block->d);
  int8_t scales[8];
  unpack_scales(block, scales);
  for (int group = 0; group < 8; ++group) {
    const float scale = d * static_cast<float>(scales[group]);
    for (int i = 0; i < 32; ++i)
      out[32 * group + i] = scale * static_cast<float>(kIq4Values[nibble(block->nibbles + 16 * group, i)]);
  }
}

void encode_iq4_xs(const float* x, const float* importance, BlockIQ4_XS* block) noexcept {
  const ScaledCodes found = ScaleSearch<TableCodes<kIq4Values>, 32, ScaleSteps<-32, 31>>(x, importance).run();
  *block = {};
  block->d = found.d;
  for (int j = 0; j < 8; ++j) {
    const int scale = found.scales[j] + 32;
    block->scales_low[j / 2] |= static_cast<uint8_t>((scale & 15) << j % 2 * 4);
    block->scales_high |= static_cast<uint16_t>(scale >> 4 << 2 * j);
  }
  for (int w = 0; w < 256; ++w) {
    const int code = nearest_of_16(kIq4Values, found.codes[w]);
    block->nibbles[w / 32 * 16 + w % 16] |= static_cast<uint8_t>(code << w % 32 / 16 * 4);
  }
}

}  // namespace loam
