// Four float32 lanes for the encoders' searches: the compilers' own vectors, which every 64-bit processor has, so that
// the codes found are the same everywhere.
#pragma once

#include <cstdint>
#include <cstring>

namespace loam {

using Lanes [[gnu::vector_size(16)]] = float;
inline constexpr int kLanes = 4;

inline Lanes splat(float x) { return Lanes{x, x, x, x}; }

inline Lanes load_lanes(const float* p) {
  Lanes lanes;
  std::memcpy(&lanes, p, sizeof lanes);
  return lanes;
}

inline void store_lanes(float* p, Lanes lanes) { std::memcpy(p, &lanes, sizeof lanes); }

inline float sum(Lanes a) { return (a[0] + a[1]) + (a[2] + a[3]); }

// Within [low, high]; `low` for NaN.
inline Lanes clamp(Lanes x, float low, float high) {
  const Lanes lows = splat(low), highs = splat(high);
  x = x > lows ? x : lows;
  return x < highs ? x : highs;
}

// To the nearest integer, halves to even, of |x| < 2²².
inline Lanes round(Lanes x) {
  const Lanes magic = splat(0x1.8p23f);
  return (x + magic) - magic;
}

}  // namespace loam
