// The search for scales, minimums and codes of formats w = d·s_j·q − d_min·m_j, groups j of 16 or 32 in a super-block
// of 256, all of s, m and q unsigned.
#pragma once

#include <cstdint>

namespace loam {

struct AffineShape {
  int group;          // weights in a group
  int highest_code;   // of q
  int highest_scale;  // of s and m
};

// A super-block's numbers.
struct AffineCodes {
  uint16_t d = 0, d_min = 0;  // halves
  uint8_t scales[16] = {}, mins[16] = {};
  uint8_t codes[256] = {};
};

// The codes with the least Σ importance·error² that the search finds; importance may be nullptr.
AffineCodes search_affine(const AffineShape& shape, const float* x, const float* importance) noexcept;

}  // namespace loam
