#include "quant/q5_k.h"

#include "quant/affine_search.h"
#include "quant/half.h"
#include "quant/q4_k.h"

namespace loam {

void decode_q5_k(const BlockQ5_K* block, float* out) noexcept {
  const float d = f16_to_f32(block->d), d_min = f16_to_f32(block->d_min);
  uint8_t scales[8], mins[8];
  unpack_k_scales(block->scales, scales, mins);
  for (int w = 0; w < 256; ++w) {
    const int group = w / 32;
    const int low = block->nibbles[group / 2 * 32 + w % 32] >> group % 2 * 4 & 15;
    const int code = low | (block->high_bits[w % 32] >> group & 1) << 4;
    out[w] = d * static_cast<float>(scales[group]) * static_cast<float>(code) - d_min * static_cast<float>(mins[group]);
  }
}

void encode_q5_k(const float* x, const float* importance, BlockQ5_K* block) noexcept {
  const AffineCodes found = search_affine({32, 31, 63}, x, importance);
  *block = {};
  block->d = found.d;
  block->d_min = found.d_min;
  pack_k_scales(found.scales, found.mins, block->scales);
  for (int w = 0; w < 256; ++w) {
    block->nibbles[w / 64 * 32 + w % 32] |= static_cast<uint8_t>((found.codes[w] & 15) << w / 32 % 2 * 4);
    block->high_bits[w % 32] |= static_cast<uint8_t>(found.codes[w] >> 4 << w / 32);
  }
}

}  // namespace loam
