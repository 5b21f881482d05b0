#include "quant/iq4_nl.h"

#include "quant/codes.h"
#include "quant/half.h"
#include "quant/scale_search.h"
#include "quant/table_codes.h"

namespace loam {

void decode_iq4_nl(const BlockIQ4_NL* block, float* out) noexcept {
  const float d = f16_to_f32(block->d);
  for (int i = 0; i < 32; ++i) out[i] = d * static_cast<float>(kIq4Values[nibble(block->nibbles, i)]);
}

void encode_iq4_nl(const float* x, const float* importance, BlockIQ4_NL* block) noexcept {
  int8_t values[32];
  block->d = search_one_scale<TableCodes<kIq4Values>>(x, importance, 32, values);
  uint8_t codes[32];
  for (int i = 0; i < 32; ++i) codes[i] = static_cast<uint8_t>(nearest_of_16(kIq4Values, values[i]));
  set_nibbles(codes, block->nibbles);
}

}  // namespace loam
