// eˣ for many x at once: in plain arithmetic, so that it is the same on every machine and the compiler can take several
// per instruction.
#pragma once

#include <bit>
#include <cstdint>

namespace loam {

// For x ≤ 0; relative error below 3e-7. At least e⁻⁸⁷, also for −∞ and NaN.
// eˣ = 2ⁿ · eʳ with n = round(x / ln 2) and |r| ≤ ½ ln 2, where Taylor's series ends after r⁷/7! with an error of 5e-9.
inline float exp_of_negative(float x) {
  constexpr float kRounds = 0x1.8p23f;                                 // added and taken away: rounds to an integer
  constexpr float kLn2High = 0x1.62e4p-1f, kLn2Low = 0x1.7f7d1cp-20f;  // n · kLn2High is exact
  x = x > -87.0f ? x : -87.0f;
  const float n = x * 0x1.715476p0f + kRounds - kRounds;
  const float r = x - n * kLn2High - n * kLn2Low;
  float y = 1.0f / 5040;
  y = y * r + 1.0f / 720;
  y = y * r + 1.0f / 120;
  y = y * r + 1.0f / 24;
  y = y * r + 1.0f / 6;
  y = y * r + 0.5f;
  y = y * r + 1.0f;
  y = y * r + 1.0f;
  return y * std::bit_cast<float>((static_cast<int32_t>(n) + 127) << 23);
}

}  // namespace loam
