#include "quant/tq1_0.h"

#include "quant/half.h"
#include "quant/scale_search.h"

namespace loam {

namespace {

// q_n: the fraction's n-th digit after the point.
uint8_t digit(uint8_t fraction, int n) {
  for (; n > 0; --n) fraction = static_cast<uint8_t>(3 * fraction);
  return static_cast<uint8_t>(3 * fraction >> 8);
}

// The byte of n values, `stride` apart; digits that are not used are 0.
uint8_t fraction(const int8_t* values, int stride, int n) {
  int digits = 0;
  for (int i = 0; i < 5; ++i) digits = 3 * digits + (i < n ? values[i * stride] + 1 : 0);
  return static_cast<uint8_t>((256 * digits + 242) / 243);
}

}  // namespace

void unpack_codes(const BlockTQ1_0* block, uint8_t codes[256]) noexcept {
  for (int w = 0; w < 160; ++w) codes[w] = digit(block->fives[w % 32], w / 32);
  for (int w = 0; w < 80; ++w) codes[160 + w] = digit(block->fives[32 + w % 16], w / 16);
  for (int w = 0; w < 16; ++w) codes[240 + w] = digit(block->fours[w % 4], w / 4);
}

void decode_tq1_0(const BlockTQ1_0* block, float* out) noexcept {
  const float d = f16_to_f32(block->d);
  uint8_t codes[256];
  unpack_codes(block, codes);
  for (int w = 0; w < 256; ++w) out[w] = d * static_cast<float>(codes[w] - 1);
}

void encode_tq1_0(const float* x, const float* importance, BlockTQ1_0* block) noexcept {
  int8_t values[256];
  block->d = search_one_scale<IntegerCodes<-1, 1>>(x, importance, 256, values);
  for (int i = 0; i < 32; ++i) block->fives[i] = fraction(values + i, 32, 5);
  for (int i = 0; i < 16; ++i) block->fives[32 + i] = fraction(values + 160 + i, 16, 5);
  for (int i = 0; i < 4; ++i) block->fours[i] = fraction(values + 240 + i, 4, 4);
}

}  // namespace loam
