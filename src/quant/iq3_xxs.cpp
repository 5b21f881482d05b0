#include "quant/iq3_xxs.h"

#include <cstring>

#include "quant/grid_search.h"
#include "quant/grids.h"
#include "quant/half.h"
#include "quant/scale_search.h"

namespace loam {

namespace {

// Signs and scale of a group.
uint32_t tail_of(const BlockIQ3_XXS* block, int group) {
  uint32_t tail;
  std::memcpy(&tail, block->groups[group], 4);
  return tail;
}

}  // namespace

void unpack_values(const BlockIQ3_XXS* block, int8_t values[256]) noexcept {
  for (int v = 0; v < 64; ++v) {
    const int signs = with_parity(tail_of(block, v / 8) >> 7 * (v / 2 % 4) & 127);
    set_signed(kIq3XxsGrid[block->vectors[v]], signs >> 4 * (v % 2), values + 4 * v);
  }
}

void unpack_steps(const BlockIQ3_XXS* block, uint8_t steps[8]) noexcept {
  for (int j = 0; j < 8; ++j) steps[j] = static_cast<uint8_t>(2 * (tail_of(block, j) >> 28) + 1);
}

void decode_iq3_xxs(const BlockIQ3_XXS* block, float* out) noexcept {
  const float d = f16_to_f32(block->d) / 4;
  int8_t values[256];
  uint8_t steps[8];
  unpack_values(block, values);
  unpack_steps(block, steps);
  for (int w = 0; w < 256; ++w) out[w] = d * static_cast<float>(steps[w / 32]) * static_cast<float>(values[w]);
}

void encode_iq3_xxs(const float* x, const float* importance, BlockIQ3_XXS* block) noexcept {
  using Codes = MagnitudeCodes<Vector4, iq3_xxs_search, true, 62, 2>;
  const ScaledCodes found = ScaleSearch<Codes, 32, ScaleSteps<1, 31, 2>>(x, importance).run();
  block->d = found.d;
  for (int j = 0; j < 8; ++j) {
    uint32_t tail = static_cast<uint32_t>(found.scales[j] / 2) << 28;
    for (int eight = 0; eight < 4; ++eight) {
      int8_t magnitudes[8];
      const int signs = split_signs(found.codes + 32 * j + 8 * eight, 8, magnitudes);
      tail |= static_cast<uint32_t>(signs & 127) << 7 * eight;
      for (int v = 0; v < 2; ++v)
        block->vectors[8 * j + 2 * eight + v] = static_cast<uint8_t>(iq3_xxs_search().index_of(magnitudes + 4 * v));
    }
    std::memcpy(block->groups[j], &tail, 4);
  }
}

}  // namespace loam
