#include "quant/q4_k.h"

#include "quant/affine_search.h"
#include "quant/half.h"

namespace loam {

void unpack_k_scales(const uint8_t packed[12], uint8_t scales[8], uint8_t mins[8]) noexcept {
  for (int j = 0; j < 4; ++j) {
    scales[j] = packed[j] & 63;
    mins[j] = packed[j + 4] & 63;
    scales[j + 4] = static_cast<uint8_t>((packed[j + 8] & 15) | packed[j] >> 6 << 4);
    mins[j + 4] = static_cast<uint8_t>(packed[j + 8] >> 4 | packed[j + 4] >> 6 << 4);
  }
}

void pack_k_scales(const uint8_t scales[8], const uint8_t mins[8], uint8_t packed[12]) noexcept {
  for (int j = 0; j < 4; ++j) {
    packed[j] = static_cast<uint8_t>(scales[j] | scales[j + 4] >> 4 << 6);
    packed[j + 4] = static_cast<uint8_t>(mins[j] | mins[j + 4] >> 4 << 6);
    packed[j + 8] = static_cast<uint8_t>((scales[j + 4] & 15) | mins[j + 4] << 4);
  }
}

void decode_q4_k(const BlockQ4_K* block, float* out) noexcept {
  const float d = f16_to_f32(block->d), d_min = f16_to_f32(block->d_min);
  uint8_t scales[8], mins[8];
  unpack_k_scales(block->scales, scales, mins);
  for (int w = 0; w < 256; ++w) {
    const int group = w / 32;
    const int code = block->nibbles[group / 2 * 32 + w % 32] >> group % 2 * 4 & 15;
    out[w] = d * static_cast<float>(scales[group]) * static_cast<float>(code) - d_min * static_cast<float>(mins[group]);
  }
}

void encode_q4_k(const float* x, const float* importance, BlockQ4_K* block) noexcept {
  const AffineCodes found = search_affine({32, 15, 63}, x, importance);
  *block = {};
  block->d = found.d;
  block->d_min = found.d_min;
  pack_k_scales(found.scales, found.mins, block->scales);
  for (int w = 0; w < 256; ++w)
    block->nibbles[w / 64 * 32 + w % 32] |= static_cast<uint8_t>(found.codes[w] << w / 32 % 2 * 4);
}

}  // namespace loam
