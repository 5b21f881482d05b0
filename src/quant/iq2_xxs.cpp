#include "quant/iq2_xxs.h"

#include <cstring>

#include "quant/grid_search.h"
#include "quant/grids.h"
#include "quant/half.h"
#include "quant/scale_search.h"

namespace loam {

namespace {

// Signs and scale of a group.
uint32_t tail_of(const BlockIQ2_XXS* block, int group) {
  uint32_t tail;
  std::memcpy(&tail, block->groups[group] + 4, 4);
  return tail;
}

}  // namespace

void unpack_values(const BlockIQ2_XXS* block, int8_t values[256]) noexcept {
  for (int v = 0; v < 32; ++v) {
    const Vector8& vector = kIq2XxsGrid[block->groups[v / 4][v % 4]];
    set_signed(vector, with_parity(tail_of(block, v / 4) >> 7 * (v % 4) & 127), values + 8 * v);
  }
}

void unpack_steps(const BlockIQ2_XXS* block, uint8_t steps[8]) noexcept {
  for (int j = 0; j < 8; ++j) steps[j] = static_cast<uint8_t>(2 * (tail_of(block, j) >> 28) + 1);
}

void decode_iq2_xxs(const BlockIQ2_XXS* block, float* out) noexcept {
  const float d = f16_to_f32(block->d) / 8;
  int8_t values[256];
  uint8_t steps[8];
  unpack_values(block, values);
  unpack_steps(block, steps);
  for (int w = 0; w < 256; ++w) out[w] = d * static_cast<float>(steps[w / 32]) * static_cast<float>(values[w]);
}

void encode_iq2_xxs(const float* x, const float* importance, BlockIQ2_XXS* block) noexcept {
  using Codes = MagnitudeCodes<Vector8, iq2_xxs_search, true, 43, 1>;
  const ScaledCodes found = ScaleSearch<Codes, 32, ScaleSteps<1, 31, 2>>(x, importance).run();
  block->d = found.d;
  for (int j = 0; j < 8; ++j) {
    uint32_t tail = static_cast<uint32_t>(found.scales[j] / 2) << 28;
    for (int v = 0; v < 4; ++v) {
      int8_t magnitudes[8];
      const int signs = split_signs(found.codes + 32 * j + 8 * v, 8, magnitudes);
      tail |= static_cast<uint32_t>(signs & 127) << 7 * v;
      block->groups[j][v] = static_cast<uint8_t>(iq2_xxs_search().index_of(magnitudes));
    }
    std::memcpy(block->groups[j] + 4, &tail, 4);
  }
}

}  // namespace loam
