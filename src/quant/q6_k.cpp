#include "quant/q6_k.h"

#include <algorithm>

#include "quant/half.h"
#include "quant/scale_search.h"

namespace loam {

void decode_q6_k(const BlockQ6_K* block, float* out) noexcept {
  const float d = f16_to_f32(block->d);
  for (int w = 0; w < 256; ++w) {
    const int half = w / 128, s = w % 128 / 32, i = w % 32;
    const int low = block->low[64 * half + s % 2 * 32 + i] >> s / 2 * 4 & 15;
    const int high = block->high[32 * half + i] >> 2 * s & 3;
    out[w] = d * static_cast<float>(block->scales[w / 16]) * static_cast<float>((low | high << 4) - 32);
  }
}

void encode_q6_k(const float* x, const float* importance, BlockQ6_K* block) noexcept {
  const ScaledCodes found = ScaleSearch<IntegerCodes<-32, 31>, 16, ScaleSteps<-128, 127>>(x, importance).run();
  *block = {};
  block->d = found.d;
  std::copy_n(found.scales, 16, block->scales);
  for (int w = 0; w < 256; ++w) {
    const int half = w / 128, s = w % 128 / 32, i = w % 32, code = found.codes[w] + 32;
    block->low[64 * half + s % 2 * 32 + i] |= static_cast<uint8_t>((code & 15) << s / 2 * 4);
    block->high[32 * half + i] |= static_cast<uint8_t>(code >> 4 << 2 * s);
  }
}

}  // namespace loam
