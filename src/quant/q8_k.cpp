#include "quant/q8_k.h"

#include "quant/codes.h"

namespace loam {

void decode_q8_k(const BlockQ8_K* block, float* out) noexcept {
  for (int i = 0; i < 256; ++i) out[i] = block->d * static_cast<float>(block->q[i]);
}

void encode_q8_k(const float* x, BlockQ8_K* block) noexcept {
  block->d = std::fabs(largest_magnitude(x, 256)) / 127;
  const float inverse = reciprocal_or_zero(block->d);
  for (int j = 0; j < 16; ++j) {
    int sum = 0;
    for (int i = 16 * j; i < 16 * j + 16; ++i) {
      block->q[i] = round_to_int8(x[i] * inverse);
      sum += block->q[i];
    }
    block->sums[j] = static_cast<int16_t>(sum);
  }
}

}  // namespace loam
