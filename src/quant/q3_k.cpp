#include "quant/q3_k.h"

#include "quant/half.h"
#include "quant/scale_search.h"

namespace loam {

void unpack_scales(const BlockQ3_K* block, int8_t scales[16]) noexcept {
  for (int j = 0; j < 16; ++j) {
    const int low = block->scales[j % 8] >> (j < 8 ? 0 : 4) & 15;
    const int high = block->scales[8 + j % 4] >> 2 * (j / 4) & 3;
    scales[j] = static_cast<int8_t>((low | high << 4) - 32);
  }
}

void decode_q3_k(const BlockQ3_K* block, float* out) noexcept {
  const float d = f16_to_f32(block->d);
  int8_t scales[16];
  unpack_scales(block, scales);
  for (int w = 0; w < 256; ++w) {
    const int half = w / 128, shift = w % 128 / 32 * 2;
    const int low = block->codes[32 * half + w % 32] >> shift & 3;
    const int high = block->high_bits[w % 32] >> w / 32 & 1;
    out[w] = d * static_cast<float>(scales[w / 16]) * static_cast<float>((low | high << 2) - 4);
  }
}

void encode_q3_k(const float* x, const float* importance, BlockQ3_K* block) noexcept {
  const ScaledCodes found = ScaleSearch<IntegerCodes<-4, 3>, 16, ScaleSteps<-32, 31>>(x, importance).run();
  *block = {};
  block->d = found.d;
  for (int j = 0; j < 16; ++j) {
    const int scale = found.scales[j] + 32;
    block->scales[j % 8] |= static_cast<uint8_t>((scale & 15) << (j < 8 ? 0 : 4));
    block->scales[8 + j % 4] |= static_cast<uint8_t>(scale >> 4 << 2 * (j / 4));
  }
  for (int w = 0; w < 256; ++w) {
    const int code = found.codes[w] + 4;
    block->codes[w / 128 * 32 + w % 32] |= static_cast<uint8_t>((code & 3) << w % 128 / 32 * 2);
    block->high_bits[w % 32] |= static_cast<uint8_t>(code >> 2 << w / 32);
  }
}

}  // namespace loam
