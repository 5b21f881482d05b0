#include "quant/iq3_s.h"

#include "quant/grid_search.h"
#include "quant/grids.h"
#include "quant/half.h"
#include "quant/scale_search.h"

namespace loam {

void unpack_values(const BlockIQ3_S* block, int8_t values[256]) noexcept {
  for (int v = 0; v < 64; ++v) {
    const int index = block->low[v] | (block->high[v / 8] >> v % 8 & 1) << 8;
    set_signed(kIq3SGrid[static_cast<size_t>(index)], block->signs[v / 2] >> 4 * (v % 2), values + 4 * v);
  }
}

void unpack_steps(const BlockIQ3_S* block, uint8_t steps[8]) noexcept {
  for (int j = 0; j < 8; ++j) steps[j] = static_cast<uint8_t>(2 * (block->scales[j / 2] >> j % 2 * 4 & 15) + 1);
}

void decode_iq3_s(const BlockIQ3_S* block, float* out) noexcept {
  const float d = f16_to_f32(block->d);
  int8_t values[256];
  uint8_t steps[8];
  unpack_values(block, values);
  unpack_steps(block, steps);
  for (int w = 0; w < 256; ++w) out[w] = d * static_cast<float>(steps[w / 32]) * static_cast<float>(values[w]);
}

void encode_iq3_s(const float* x, const float* importance, BlockIQ3_S* block) noexcept {
  using Codes = MagnitudeCodes<Vector4, iq3_s_search, false, 15, 8>;
  const ScaledCodes found = ScaleSearch<Codes, 32, ScaleSteps<1, 31, 2>>(x, importance).run();
  *block = {};
  block->d = found.d;
  for (int j = 0; j < 8; ++j) block->scales[j / 2] |= static_cast<uint8_t>(found.scales[j] / 2 << j % 2 * 4);
  for (int v = 0; v < 64; ++v) {
    int8_t magnitudes[4];
    const int signs = split_signs(found.codes + 4 * v, 4, magnitudes), index = iq3_s_search().index_of(magnitudes);
    block->signs[v / 2] |= static_cast<uint8_t>(signs << 4 * (v % 2));
    block->low[v] = static_cast<uint8_t>(index);
    block->high[v / 8] |= static_cast<uint8_t>(index >> 8 << v % 8);
  }
}

}  // namespace loam
