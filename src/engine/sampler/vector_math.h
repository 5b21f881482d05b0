// The two loops over a whole vocabulary, largest number and eˣ, four at a time: in plain arithmetic of the compiler's
// own vector type, so that results are the same on every machine.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <limits>
#include <span>

namespace loam {

using Float4 = float __attribute__((vector_size(16)));
using Int4 = int32_t __attribute__((vector_size(16)));

// For x ≤ 0; relative error below 3e-7. At least e⁻⁸⁷, also for −∞ and NaN.
// eˣ = 2ⁿ · eʳ with n = round(x / ln 2) and |r| ≤ ½ ln 2, where Taylor's series ends after r⁷/7! with an error of 5e-9.
inline Float4 exp_of_negative(Float4 x) {
  constexpr float kRounds = 0x1.8p23f;                                 // added and taken away: rounds to an integer
  constexpr float kLn2High = 0x1.62e4p-1f, kLn2Low = 0x1.7f7d1cp-20f;  // n · kLn2High is exact
  x = x > -87.0f ? x : Float4{} - 87.0f;
  const Float4 n = x * 0x1.715476p0f + kRounds - kRounds;
  const Float4 r = x - n * kLn2High - n * kLn2Low;
  Float4 y = r * (1.0f / 5040) + 1.0f / 720;
  y = y * r + 1.0f / 120;
  y = y * r + 1.0f / 24;
  y = y * r + 1.0f / 6;
  y = y * r + 0.5f;
  y = y * r + 1.0f;
  y = y * r + 1.0f;
  const Int4 bits = (__builtin_convertvector(n, Int4) + 127) << 23;
  Float4 power;
  std::memcpy(&power, &bits, sizeof power);
  return y * power;
}

inline float exp_of_negative(float x) { return exp_of_negative(Float4{x})[0]; }

// −∞ where there is no number; a NaN counts as none.
inline float largest_of(std::span<const float> x) {
  constexpr float kLeast = -std::numeric_limits<float>::infinity();
  Float4 most[4] = {Float4{} + kLeast, Float4{} + kLeast, Float4{} + kLeast, Float4{} + kLeast};
  size_t i = 0;
  for (; i + 16 <= x.size(); i += 16)
    for (size_t j = 0; j < 4; ++j) {
      Float4 four;
      std::memcpy(&four, x.data() + i + 4 * j, sizeof four);
      most[j] = four > most[j] ? four : most[j];
    }
  float best = kLeast;
  for (const Float4& four : most)
    for (size_t lane = 0; lane < 4; ++lane) best = four[lane] > best ? four[lane] : best;
  for (; i < x.size(); ++i) best = x[i] > best ? x[i] : best;
  return best;
}

}  // namespace loam
