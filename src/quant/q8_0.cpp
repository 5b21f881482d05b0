#include "quant/q8_0.h"

#include "quant/codes.h"
#include "quant/half.h"

namespace loam {

void decode_q8_0(const BlockQ8_0* block, float* out) noexcept {
  const float d = f16_to_f32(block->d);
  for (int i = 0; i < 32; ++i) out[i] = d * static_cast<float>(block->q[i]);
}

void encode_q8_0(const float* x, BlockQ8_0* block) noexcept {
  const float d = std::fabs(largest_magnitude(x, 32)) / 127;
  const float inverse = reciprocal_or_zero(d);
  block->d = f32_to_f16(d);
  for (int i = 0; i < 32; ++i) block->q[i] = round_to_int8(x[i] * inverse);
}

}  // namespace loam
