// Codes that stand for values in a short table, for quant/scale_search.h.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "quant/lanes.h"

namespace loam {

// `kValues` are sixteen integers of at most 127 in any order, the same one twice if need be.
template <const int8_t (&kValues)[16]>
struct TableCodes {
  static constexpr float kLowest = *std::min_element(kValues, kValues + 16);
  static constexpr float kHighest = *std::max_element(kValues, kValues + 16);
  static constexpr float kReach = kHighest / 6, kUnit = 1;
  static constexpr bool kSigned = true;
  static void nearest(const float* x, const float* /*weight*/, int n, float inverse, float* q) {
    for (int i = 0; i < n; i += kLanes) {
      const Lanes twice = clamp(load_lanes(x + i) * inverse, -128, 127.5f) * 2.0f + 256.0f;
      store_lanes(q + i, Lanes{value(twice[0]), value(twice[1]), value(twice[2]), value(twice[3])});
    }
  }

 private:
  // The value nearest to k / 2, the upper of two, for k from −256 to 255; as all midpoints are multiples of ½, so it is
  // for any x of [k/2, k/2 + ½).
  static constexpr std::array<int8_t, 512> kNearest = [] {
    std::array<int8_t, 16> sorted{};
    std::copy(kValues, kValues + 16, sorted.begin());
    std::sort(sorted.begin(), sorted.end());
    std::array<int8_t, 512> nearest{};
    size_t i = 0;
    for (int k = -256; k < 256; ++k) {
      while (i < 15 && k >= sorted[i] + sorted[i + 1]) ++i;
      nearest[static_cast<size_t>(k + 256)] = sorted[i];
    }
    return nearest;
  }();
  static float value(float twice) { return kNearest[static_cast<size_t>(twice)]; }
};

}  // namespace loam
