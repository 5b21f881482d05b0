// Q8_K: 256 weights in 292 bytes, a float32 scale, signed 8-bit codes and their sums by sixteen.
#pragma once

#include <cstdint>

namespace loam {

// w = d·q
struct BlockQ8_K {
  float d;
  int8_t q[256];
  int16_t sums[16];  // sums[j] = q[16j] + … + q[16j + 15], for dot products with formats that have a minimum
};
static_assert(sizeof(BlockQ8_K) == 292);

void decode_q8_k(const BlockQ8_K* block, float* out) noexcept;
void encode_q8_k(const float* x, BlockQ8_K* block) noexcept;

}  // namespace loam
