#include "quant/iq1_s.h"

#include "quant/grid_search.h"
#include "quant/grids.h"
#include "quant/half.h"
#include "quant/scale_search.h"

namespace loam {

void unpack_values(const BlockIQ1_S* block, int8_t values[256]) noexcept {
  for (int v = 0; v < 32; ++v) {
    const int group = block->group[v / 4], index = block->low[v] | (group >> 3 * (v % 4) & 7) << 8;
    set_shifted(kIq1Grid[static_cast<size_t>(index)], group >> 15, values + 8 * v);
  }
}

void unpack_steps(const BlockIQ1_S* block, uint8_t steps[8]) noexcept {
  for (int j = 0; j < 8; ++j) steps[j] = static_cast<uint8_t>(2 * (block->group[j] >> 12 & 7) + 1);
}

void decode_iq1_s(const BlockIQ1_S* block, float* out) noexcept {
  const float d = f16_to_f32(block->d) / 8;
  int8_t values[256];
  uint8_t steps[8];
  unpack_values(block, values);
  unpack_steps(block, steps);
  for (int w = 0; w < 256; ++w) out[w] = d * static_cast<float>(steps[w / 32]) * static_cast<float>(values[w]);
}

void encode_iq1_s(const float* x, const float* importance, BlockIQ1_S* block) noexcept {
  const ScaledCodes found = ScaleSearch<ShiftedCodes<32>, 32, ScaleSteps<1, 15, 2>>(x, importance).run();
  *block = {};
  block->d = found.d;
  for (int v = 0; v < 32; ++v) {
    const ShiftedVector vector = shifted_vector(found.codes + 8 * v);
    block->low[v] = static_cast<uint8_t>(vector.index);
    block->group[v / 4] |= static_cast<uint16_t>(vector.index >> 8 << 3 * (v % 4) | vector.down << 15);
  }
  for (int j = 0; j < 8; ++j) block->group[j] |= static_cast<uint16_t>(found.scales[j] / 2 << 12);
}

}  // namespace loam
