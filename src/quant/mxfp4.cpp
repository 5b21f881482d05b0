#include "quant/mxfp4.h"

#include <bit>

#include "quant/codes.h"

namespace loam {

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
  block->exponent = largest == 0 ? 0 : static_cast<uint8_t>(std::clamp(std::ilogb(largest), -125, 129) - 2 + 127);
  const float scale = mxfp4_scale(block->exponent);
  uint8_t codes[32];
  for (int i = 0; i < 32; ++i) codes[i] = static_cast<uint8_t>(nearest_of_16(kMxfp4Values, x[i] / scale));
  set_nibbles(codes, block->nibbles);
}

}  // namespace loam
