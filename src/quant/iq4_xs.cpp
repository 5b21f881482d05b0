#include "quant/iq4_xs.h"

#include "quant/codes.h"
#include "quant/half.h"
#include "quant/iq4_nl.h"

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

}  // namespace loam
