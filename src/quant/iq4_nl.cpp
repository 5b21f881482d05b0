#include "quant/iq4_nl.h"

#include "quant/codes.h"
#include "quant/half.h"

namespace loam {

void decode_iq4_nl(const BlockIQ4_NL* block, float* out) noexcept {
  const float d = f16_to_f32(block->d);
  for (int i = 0; i < 32; ++i) out[i] = d * static_cast<float>(kIq4Values[nibble(block->nibbles, i)]);
}

// The weight of largest magnitude is put on −127, the table's end, so that it is kept exactly (but for d's rounding).
void encode_iq4_nl(const float* x, BlockIQ4_NL* block) noexcept {
  const float d = largest_magnitude(x, 32) / kIq4Values[0];
  const float inverse = reciprocal_or_zero(d);
  uint8_t codes[32];
  for (int i = 0; i < 32; ++i) codes[i] = static_cast<uint8_t>(nearest_of_16(kIq4Values, x[i] * inverse));
  block->d = f32_to_f16(d);
  set_nibbles(codes, block->nibbles);
}

}  // namespace loam
