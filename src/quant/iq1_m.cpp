#include "quant/iq1_m.h"

#include "quant/grid_search.h"
#include "quant/grids.h"
#include "quant/half.h"
#include "quant/scale_search.h"

namespace loam {

uint16_t half_of(const BlockIQ1_M* block) noexcept {
  int half = 0;
  for (int i = 0; i < 4; ++i) half |= block->scales[i] >> 12 << 4 * i;
  return static_cast<uint16_t>(half);
}

void unpack_values(const BlockIQ1_M* block, int8_t values[256]) noexcept {
  for (int v = 0; v < 32; ++v) {
    const int high = block->high[v / 2] >> 4 * (v % 2), index = block->low[v] | (high & 7) << 8;
    set_shifted(kIq1Grid[static_cast<size_t>(index)], high >> 3 & 1, values + 8 * v);
  }
}

void unpack_steps(const BlockIQ1_M* block, uint8_t steps[16]) noexcept {
  for (int j = 0; j < 16; ++j) steps[j] = static_cast<uint8_t>(2 * (block->scales[j / 4] >> 3 * (j % 4) & 7) + 1);
}

void decode_iq1_m(const BlockIQ1_M* block, float* out) noexcept {
  const float d = f16_to_f32(half_of(block)) / 8;
  int8_t values[256];
  uint8_t steps[16];
  unpack_values(block, values);
  unpack_steps(block, steps);
  for (int w = 0; w < 256; ++w) out[w] = d * static_cast<float>(steps[w / 16]) * static_cast<float>(values[w]);
}

void encode_iq1_m(const float* x, const float* importance, BlockIQ1_M* block) noexcept {
  const ScaledCodes found = ScaleSearch<ShiftedCodes<8>, 16, ScaleSteps<1, 15, 2>>(x, importance).run();
  *block = {};
  for (int v = 0; v < 32; ++v) {
    const ShiftedVector vector = shifted_vector(found.codes + 8 * v);
    block->low[v] = static_cast<uint8_t>(vector.index);
    block->high[v / 2] |= static_cast<uint8_t>((vector.index >> 8 | vector.down << 3) << 4 * (v % 2));
  }
  for (int j = 0; j < 16; ++j) block->scales[j / 4] |= static_cast<uint16_t>(found.scales[j] / 2 << 3 * (j % 4));
  for (int i = 0; i < 4; ++i) block->scales[i] |= static_cast<uint16_t>((found.d >> 4 * i & 15) << 12);
}

}  // namespace loam
