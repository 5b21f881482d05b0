#include "quant/q1_0.h"

#include <cmath>

#include "quant/codes.h"
#include "quant/half.h"
#include "quant/search_input.h"

namespace loam {

void decode_q1_0(const BlockQ1_0* block, float* out) noexcept {
  const float d = f16_to_f32(block->d);
  for (int i = 0; i < 128; ++i) out[i] = bit(block->bits, i) ? d : -d;
}

// The best scale is the mean of the magnitudes.
void encode_q1_0(const float* x, const float* importance, BlockQ1_0* block) noexcept {
  const SearchInput in(x, importance, 128, 128);
  float magnitudes = 0, weights = 0;
  *block = {};
  for (int i = 0; i < 128; ++i) {
    magnitudes += in.weight[i] * std::fabs(in.x[i]);
    weights += in.weight[i];
    if (in.x[i] >= 0) block->bits[i / 8] |= static_cast<uint8_t>(1 << i % 8);
  }
  block->d = finite_f16(magnitudes / weights);
}

}  // namespace loam
