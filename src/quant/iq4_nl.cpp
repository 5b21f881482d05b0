#include "quant/iq4_nl.h"

#include "quant/codes.h"
#include "quant/half.h"
#include "quant/iq4_codes.h"
#include "quant/scale_search.h"
#include "quant/search_input.h"

namespace loam {

void decode_iq4_nl(const BlockIQ4_NL* block, float* out) noexcept {
  const float d = f16_to_f32(block->d);
  for (int i = 0; i < 32; ++i) out[i] = d * static_cast<float>(kIq4Values[nibble(block->nibbles, i)]);
}

void encode_iq4_nl(const float* x, const float* importance, BlockIQ4_NL* block) noexcept {
  const SearchInput in(x, importance, 32, 32);
  block->d = finite_f16(fit_scale<Iq4Codes>(in.x, in.weight, 32).scale);
  const float inverse = inverse_or_zero(f16_to_f32(block->d));
  uint8_t codes[32];
  for (int i = 0; i < 32; ++i) codes[i] = static_cast<uint8_t>(nearest_of_16(kIq4Values, in.x[i] * inverse));
  set_nibbles(codes, block->nibbles);
}

}  // namespace loam
