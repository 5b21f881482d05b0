// The values of IQ4_NL's and IQ4_XS's codes, for quant/scale_search.h.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "quant/iq4_nl.h"
#include "quant/lanes.h"

namespace loam {

// The nearest of kIq4Values to k / 2, for k from −256 to 255: as all midpoints are multiples of ½, to any x of [k/2,
// k/2 + ½).
inline constexpr std::array<int8_t, 512> kNearestIq4 = [] {
  std::array<int8_t, 512> nearest{};
  int i = 0;
  for (int k = -256; k < 256; ++k) {
    while (i < 15 && k >= kIq4Values[i] + kIq4Values[i + 1]) ++i;
    nearest[static_cast<size_t>(k + 256)] = kIq4Values[i];
  }
  return nearest;
}();

struct Iq4Codes {
  static constexpr float kLowest = -127, kHighest = 113;
  static Lanes nearest(Lanes x) {
    const Lanes twice = clamp(x, -128, 127) * 2.0f + 256.0f;
    return Lanes{value(twice[0]), value(twice[1]), value(twice[2]), value(twice[3])};
  }

 private:
  static float value(float twice) { return kNearestIq4[static_cast<size_t>(twice)]; }
};

}  // namespace loam
