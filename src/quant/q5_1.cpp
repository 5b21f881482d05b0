#include "quant/q5_1.h"

#include "quant/codes.h"
#include "quant/half.h"

namespace loam {

void decode_q5_1(const BlockQ5_1* block, float* out) noexcept {
  const float d = f16_to_f32(block->d), m = f16_to_f32(block->m);
  for (int i = 0; i < 32; ++i)
    out[i] = d * static_cast<float>(nibble(block->nibbles, i) | bit(block->high_bits, i) << 4) + m;
}

void encode_q5_1(const float* x, BlockQ5_1* block) noexcept {
  const auto [min, max] = std::minmax_element(x, x + 32);
  const float d = (*max - *min) / 31;
  const float inverse = reciprocal_or_zero(d);
  uint8_t codes[32];
  for (int i = 0; i < 32; ++i) codes[i] = truncate_to_code((x[i] - *min) * inverse + 0.5f, 31);
  block->d = f32_to_f16(d);
  block->m = f32_to_f16(*min);
  set_high_bits(codes, block->high_bits);
  set_nibbles(codes, block->nibbles);
}

}  // namespace loam
