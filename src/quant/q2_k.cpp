#include "quant/q2_k.h"

#include "quant/affine_search.h"
#include "quant/half.h"

namespace loam {

void decode_q2_k(const BlockQ2_K* block, float* out) noexcept {
  const float d = f16_to_f32(block->d), d_min = f16_to_f32(block->d_min);
  for (int w = 0; w < 256; ++w) {
    const int half = w / 128, shift = w % 128 / 32 * 2, group = w / 16;
    const float scale = d * static_cast<float>(block->scales[group] & 15);
    const float min = d_min * static_cast<float>(block->scales[group] >> 4);
    out[w] = scale * static_cast<float>(block->codes[32 * half + w % 32] >> shift & 3) - min;
  }
}

void encode_q2_k(const float* x, const float* importance, BlockQ2_K* block) noexcept {
  const AffineCodes found = search_affine({16, 3, 15}, x, importance);
  *block = {};
  block->d = found.d;
  block->d_min = found.d_min;
  for (int j = 0; j < 16; ++j) block->scales[j] = static_cast<uint8_t>(found.scales[j] | found.mins[j] << 4);
  for (int w = 0; w < 256; ++w)
    block->codes[w / 128 * 32 + w % 32] |= static_cast<uint8_t>(found.codes[w] << w % 128 / 32 * 2);
}

}  // namespace loam
