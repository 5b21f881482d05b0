#include "quant/mxfp4.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "quant/codes.h"
#include "quant/search_input.h"

namespace loam {
namespace {

void encode_with(const float* x, int exponent, BlockMXFP4* block) {
  block->exponent = static_cast<uint8_t>(exponent);
  const float scale = mxfp4_scale(block->exponent);
  uint8_t codes[32];
  for (int i = 0; i < 32; ++i) codes[i] = static_cast<uint8_t>(nearest_of_16(kMxfp4Values, x[i] / scale));
  set_nibbles(codes, block->nibbles);
}

float error_of(const BlockMXFP4& block, const SearchInput& in) {
  float decoded[32], error = 0;
  decode_mxfp4(&block, decoded);
  for (int i = 0; i < 32; ++i) error += in.weight[i] * (in.x[i] - decoded[i]) * (in.x[i] - decoded[i]);
  return error;
}

}  // namespace

float mxfp4_scale(uint8_t exponent) noexcept {
  const uint32_t bits = exponent < 2 ? uint32_t{1} << (21 + exponent) : (uint32_t{exponent} - 1) << 23;
  return std::bit_cast<float>(bits);
}

void decode_mxfp4(const BlockMXFP4* block, float* out) noexcept {
  const float scale = mxfp4_scale(block->exponent);
  for (int i = 0; i < 32; ++i) out[i] = scale * static_cast<float>(kMxfp4Values[nibble(block->nibbles, i)]);
}

// The shared exponent puts the largest magnitude between 4 and 8 units of E2M1 (whose largest value is 6).
void encode_mxfp4(const float* x, BlockMXFP4* block) noexcept {
  const float largest = std::fabs(largest_magnitude(x, 32));
  // Clamped before the bias of 127 is added: infinities and NaN have no exponent of their own.
  encode_with(x, largest == 0 ? 0 : std::clamp(std::ilogb(largest), -125, 129) - 2 + 127, block);
}

void search_mxfp4(const float* x, const float* importance, BlockMXFP4* block) noexcept {
  encode_mxfp4(x, block);
  const SearchInput in(x, importance, 32, 32);
  float least = error_of(*block, in);
  const int middle = block->exponent;
  for (const int exponent : {middle - 1, middle + 1}) {
    if (exponent < 0 || exponent > 254) continue;
    BlockMXFP4 tried;
    encode_with(in.x, exponent, &tried);
    const float error = error_of(tried, in);
    if (error < least) least = error, *block = tried;
  }
}

}  // namespace loam
