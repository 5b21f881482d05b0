#include "quant/nvfp4.h"

#include <bit>
#include <cmath>

#include "quant/codes.h"
#include "quant/mxfp4.h"
#include "quant/scale_search.h"
#include "quant/search_input.h"
#include "quant/table_codes.h"

namespace loam {
namespace {

using Fp4Codes = TableCodes<kMxfp4Values>;

// The code of the two around `scale` with the less error; codes ascend with their scales.
uint8_t best_scale(const float* x, const float* weight, float scale) {
  constexpr int kLargest = 126;
  int code = 0;
  while (code < kLargest && nvfp4_scale(static_cast<uint8_t>(code + 1)) <= std::fabs(scale)) ++code;
  const auto error = [&](int c) { return scale_error<Fp4Codes>(x, weight, 16, nvfp4_scale(static_cast<uint8_t>(c))); };
  return static_cast<uint8_t>(code < kLargest && error(code + 1) < error(code) ? code + 1 : code);
}

}  // namespace

// The bits of an E4M3 number are the top of a float32's but for the exponents' biases, 7 and 127; subnormals alike.
float nvfp4_scale(uint8_t e4m3) noexcept {
  if (e4m3 == 127) return 0;
  return std::bit_cast<float>(static_cast<uint32_t>(e4m3 & 127) << 20) * 0x1p119f;
}

void decode_nvfp4(const BlockNVFP4* block, float* out) noexcept {
  for (int w = 0; w < 64; ++w) {
    const int code = block->nibbles[w / 16 * 8 + w % 8] >> w / 8 % 2 * 4 & 15;
    out[w] = nvfp4_scale(block->scales[w / 16]) * static_cast<float>(kMxfp4Values[code]);
  }
}

void encode_nvfp4(const float* x, const float* importance, BlockNVFP4* block) noexcept {
  const SearchInput in(x, importance, 64, 16);
  *block = {};
  for (int j = 0; j < 4; ++j) {
    const float *values = in.x + 16 * j, *weight = in.weight + 16 * j;
    block->scales[j] = best_scale(values, weight, fit_scale<Fp4Codes>(values, weight, 16).scale);
    const float inverse = inverse_or_zero(nvfp4_scale(block->scales[j]));
    for (int i = 0; i < 16; ++i)
      block->nibbles[8 * j + i % 8] |=
          static_cast<uint8_t>(nearest_of_16(kMxfp4Values, values[i] * inverse) << i / 8 * 4);
  }
}

}  // namespace loam
