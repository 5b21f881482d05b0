#include "quant/iq2_xs.h"

#include "quant/grid_search.h"
#include "quant/grids.h"
#include "quant/half.h"
#include "quant/scale_search.h"

namespace loam {

void unpack_values(const BlockIQ2_XS* block, int8_t values[256]) noexcept {
  for (int v = 0; v < 32; ++v)
    set_signed(kIq2XsGrid[block->vectors[v] & 511], with_parity(block->vectors[v] >> 9), values + 8 * v);
}

void unpack_steps(const BlockIQ2_XS* block, uint8_t steps[16]) noexcept {
  for (int j = 0; j < 16; ++j) steps[j] = static_cast<uint8_t>(2 * (block->scales[j / 2] >> j % 2 * 4 & 15) + 1);
}

void decode_iq2_xs(const BlockIQ2_XS* block, float* out) noexcept {
  const float d = f16_to_f32(block->d) / 8;
  int8_t values[256];
  uint8_t steps[16];
  unpack_values(block, values);
  unpack_steps(block, steps);
  for (int w = 0; w < 256; ++w) out[w] = d * static_cast<float>(steps[w / 16]) * static_cast<float>(values[w]);
}

void encode_iq2_xs(const float* x, const float* importance, BlockIQ2_XS* block) noexcept {
  using Codes = MagnitudeCodes<Vector8, iq2_xs_search, true, 43, 1>;
  const ScaledCodes found = ScaleSearch<Codes, 16, ScaleSteps<1, 31, 2>>(x, importance).run();
  *block = {};
  block->d = found.d;
  for (int j = 0; j < 16; ++j) block->scales[j / 2] |= static_cast<uint8_t>(found.scales[j] / 2 << j % 2 * 4);
  for (int v = 0; v < 32; ++v) {
    int8_t magnitudes[8];
    const int signs = split_signs(found.codes + 8 * v, 8, magnitudes);
    block->vectors[v] = static_cast<uint16_t>(iq2_xs_search().index_of(magnitudes) | (signs & 127) << 9);
  }
}

}  // namespace loam
