// The search for scales and codes of formats w = d·s_j·q, groups j of 16 or 32 in a super-block of 256.
//
// `Codes` are the values that q may take: Codes::kLowest, Codes::kHighest and Codes::nearest(x), lane by lane.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "quant/codes.h"
#include "quant/half.h"
#include "quant/lanes.h"
#include "quant/search_input.h"

namespace loam {

// All integers from kLow to kHigh.
template <int kLow, int kHigh>
struct IntegerCodes {
  static constexpr float kLowest = kLow, kHighest = kHigh;
  static Lanes nearest(Lanes x) { return round(clamp(x, kLowest, kHighest)); }
};

// Of codes q and values x: with q fixed, the best scale is xq / qq, which lowers the error Σ w·x² by xq² / qq.
struct CodeSums {
  float qq = 0, xq = 0;  // Σ w·q², Σ w·x·q
};

struct ScaleFit {
  float scale = 0, gain = 0;
  CodeSums sums;
};

template <class Codes>
CodeSums code_sums(const float* x, const float* weight, int n, float inverse) {
  Lanes qq = splat(0), xq = splat(0);
  for (int i = 0; i < n; i += kLanes) {
    const Lanes value = load_lanes(x + i), q = Codes::nearest(value * inverse), wq = load_lanes(weight + i) * q;
    qq += wq * q;
    xq += wq * value;
  }
  return {sum(qq), sum(xq)};
}

template <class Codes>
void try_inverse(const float* x, const float* weight, int n, float inverse, ScaleFit& best) {
  const CodeSums sums = code_sums<Codes>(x, weight, n, inverse);
  if (sums.qq > 0 && sums.xq * sums.xq > best.gain * sums.qq)
    best = {sums.xq / sums.qq, sums.xq * sums.xq / sums.qq, sums};
}

// The scale, of either sign, that fits n values best: the largest value is put on, short of and beyond either end.
template <class Codes>
ScaleFit fit_scale(const float* x, const float* weight, int n) {
  constexpr int kSteps = 12;
  constexpr float kWidest = 0.3f;  // of an end, for codes of few bits, whose best scale cuts large values off
  ScaleFit best;
  const float peak = largest_magnitude(x, n);
  if (std::fabs(peak) < kNegligible) return best;
  for (const float end : {Codes::kLowest, Codes::kHighest}) {
    const float step = std::min(kWidest * std::fabs(end), 3.0f) / kSteps;
    for (int i = -kSteps / 2; i <= kSteps; ++i)
      try_inverse<Codes>(x, weight, n, (end + std::copysign(step, end) * static_cast<float>(i)) / peak, best);
  }
  for (int i = 0; i < 2; ++i)
    if (best.scale != 0) try_inverse<Codes>(x, weight, n, 1 / best.scale, best);
  return best;
}

// Σ w·(x − scale·q)² of n values, computed value by value: exact near zero.
template <class Codes>
float scale_error(const float* x, const float* weight, int n, float scale) {
  const float inverse = inverse_or_zero(scale);
  Lanes error = splat(0);
  for (int i = 0; i < n; i += kLanes) {
    const Lanes value = load_lanes(x + i), difference = value - Codes::nearest(value * inverse) * scale;
    error += load_lanes(weight + i) * difference * difference;
  }
  return sum(error);
}

// A super-block's numbers: d, the groups' integer scales, and the values of its codes.
struct ScaledCodes {
  uint16_t d = 0;  // half
  int8_t scales[16] = {};
  int8_t codes[256] = {};
};

template <class Codes, int kGroup, int kLowestScale, int kHighestScale>
class ScaleSearch {
 public:
  ScaleSearch(const float* x, const float* importance) noexcept : in_(x, importance, 256, kGroup) {}

  ScaledCodes run() noexcept {
    for (int j = 0; j < kGroups; ++j) fits_[j] = fit_scale<Codes>(in_.x + j * kGroup, in_.weight + j * kGroup, kGroup);
    settle(finite_f16(first_d()));
    for (int i = 0; i < 3 && improve(); ++i) {
    }
    write_codes();
    return best_;
  }

 private:
  static constexpr int kGroups = 256 / kGroup;

  static int scale_code(float scale, float d) {
    return static_cast<int>(std::clamp(std::round(d == 0 ? 0 : scale / d), static_cast<float>(kLowestScale),
                                       static_cast<float>(kHighestScale)));
  }

  // Change of Σ w·x² when each group's scale is rounded to a multiple of d, its codes staying.
  double predicted_error(float d) const {
    double error = 0;
    for (const ScaleFit& fit : fits_) {
      const double scale = static_cast<double>(d) * scale_code(fit.scale, d);
      error += scale * (scale * fit.sums.qq - 2 * fit.sums.xq);
    }
    return error;
  }

  // The d of all that put the largest scale on an integer near an end which rounds the groups' scales best.
  float first_d() const {
    float largest = 0, best = 0;
    for (const ScaleFit& fit : fits_)
      if (std::fabs(fit.scale) > std::fabs(largest)) largest = fit.scale;
    double least = 0;
    for (int i = 0; i <= kHighestScale / 3; ++i)
      for (const int end : {kLowestScale + i, kHighestScale - i}) {
        const float d = f16_to_f32(finite_f16(largest / static_cast<float>(end)));
        const double error = predicted_error(d);
        if (error < least) least = error, best = d;
      }
    return best;
  }

  // Takes d, and for each group the integer scale with the least error, if that is less in all.
  bool settle(uint16_t half) {
    const float d = f16_to_f32(half);
    int8_t scales[16];
    double error = 0;
    for (int j = 0; j < kGroups; ++j) error += settle_group(j, d, scales[j]);
    if (!(error < error_)) return false;
    error_ = error;
    best_.d = half;
    std::copy_n(scales, kGroups, best_.scales);
    return true;
  }

  float settle_group(int j, float d, int8_t& scale) const {
    const int middle = scale_code(fits_[j].scale, d);
    float least = INFINITY;
    for (const int s : {middle, middle - 1, middle + 1}) {
      if (s < kLowestScale || s > kHighestScale) continue;
      const float error =
          scale_error<Codes>(in_.x + j * kGroup, in_.weight + j * kGroup, kGroup, d * static_cast<float>(s));
      if (error < least) least = error, scale = static_cast<int8_t>(s);
    }
    return least;
  }

  // The best d for the scales and codes at hand.
  bool improve() {
    const float d = f16_to_f32(best_.d);
    double qq = 0, xq = 0;
    for (int j = 0; j < kGroups; ++j) {
      const float scale = d * static_cast<float>(best_.scales[j]);
      if (std::fabs(scale) < kNegligible) continue;
      const CodeSums sums = code_sums<Codes>(in_.x + j * kGroup, in_.weight + j * kGroup, kGroup, 1 / scale);
      qq += static_cast<double>(best_.scales[j]) * best_.scales[j] * sums.qq;
      xq += static_cast<double>(best_.scales[j]) * sums.xq;
    }
    if (!(qq > 0)) return false;
    const uint16_t half = finite_f16(static_cast<float>(xq / qq));
    return half != best_.d && settle(half);
  }

  void write_codes() {
    const float d = f16_to_f32(best_.d);
    for (int i = 0; i < 256; i += kLanes) {
      const float scale = d * static_cast<float>(best_.scales[i / kGroup]);
      const Lanes q = Codes::nearest(load_lanes(in_.x + i) * inverse_or_zero(scale));
      for (int lane = 0; lane < kLanes; ++lane) best_.codes[i + lane] = static_cast<int8_t>(q[lane]);
    }
  }

  SearchInput in_;
  ScaleFit fits_[kGroups];
  ScaledCodes best_;
  double error_ = INFINITY;
};

}  // namespace loam
