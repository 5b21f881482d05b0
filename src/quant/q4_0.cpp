#include "quant/q4_0.h"

#include "quant/codes.h"
#include "quant/half.h"

namespace loam {

void decode_q4_0(const BlockQ4_0* block, float* out) noexcept {
  const float d = f16_to_f32(block->d);
  for (int i = 0; i < 32; ++i) out[i] = d * static_cast<float>(nibble(block->nibbles, i) - 8);
}

// The weight of largest magnitude gets code 0, i.e. −8·d, so that it is kept exactly (but for d's rounding).
void encode_q4_0(const float* x, BlockQ4_0* block) noexcept {
  const float d = largest_magnitude(x, 32) / -8;
  const float inverse = reciprocal_or_zero(d);
  uint8_t codes[32];
  for (int i = 0; i < 32; ++i) codes[i] = truncate_to_code(x[i] * inverse + 8.5f, 15);
  block->d = f32_to_f16(d);
  set_nibbles(codes, block->nibbles);
}

}  // namespace loam
