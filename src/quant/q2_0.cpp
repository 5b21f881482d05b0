#include "quant/q2_0.h"

#include "quant/half.h"
#include "quant/scale_search.h"

namespace loam {

void decode_q2_0(const BlockQ2_0* block, float* out) noexcept {
  const float d = f16_to_f32(block->d);
  for (int i = 0; i < 64; ++i) out[i] = d * static_cast<float>((block->codes[i / 4] >> i % 4 * 2 & 3) - 1);
}

void encode_q2_0(const float* x, const float* importance, BlockQ2_0* block) noexcept {
  int8_t values[64];
  *block = {};
  block->d = search_one_scale<IntegerCodes<-1, 2>>(x, importance, 64, values);
  for (int i = 0; i < 64; ++i) block->codes[i / 4] |= static_cast<uint8_t>((values[i] + 1) << i % 4 * 2);
}

}  // namespace loam
