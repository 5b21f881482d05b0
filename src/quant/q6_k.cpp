#include "quant/q6_k.h"

#include "quant/half.h"

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

}  // namespace loam
