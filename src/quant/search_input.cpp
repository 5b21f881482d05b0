#include "quant/search_input.h"

#include <algorithm>

namespace loam {

SearchInput::SearchInput(const float* values, const float* importance, int n, int group) noexcept {
  constexpr float kLargest = 1e9f;  // far beyond any half-precision scale's reach
  float most = 0;
  for (int i = 0; i < n; ++i) {
    x[i] = std::isfinite(values[i]) ? std::clamp(values[i], -kLargest, kLargest) : 0;
    weight[i] = !importance ? 1 : importance[i] > 0 && std::isfinite(importance[i]) ? importance[i] : 0;
    most = std::max(most, weight[i]);
  }
  if (most > 0)
    for (int i = 0; i < n; ++i) weight[i] /= most;
  for (float* w = weight; w < weight + n; w += group)
    if (std::all_of(w, w + group, [](float value) { return value == 0; })) std::fill_n(w, group, 1.0f);
}

}  // namespace loam
