// What an encoder's search works on: weights without NaN or infinities, and what their errors count.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "quant/half.h"

namespace loam {

// Magnitudes below are zero beside anything that a half-precision scale can stand for, and have no finite reciprocal.
inline constexpr float kNegligible = 1e-20f;

inline float inverse_or_zero(float scale) { return std::fabs(scale) < kNegligible ? 0 : 1 / scale; }

// The nearest half that is finite.
inline uint16_t finite_f16(float x) { return f32_to_f16(std::clamp(x, -65504.0f, 65504.0f)); }

// n ≤ 256 values of a block, with 0 for NaN and infinities, and their importances relative to the largest. Without
// importances (nullptr) all errors count 1, as they do in groups of `group` values that have no positive one.
struct SearchInput {
  SearchInput(const float* x, const float* importance, int n, int group) noexcept;

  float x[256];
  float weight[256];
};

}  // namespace loam
