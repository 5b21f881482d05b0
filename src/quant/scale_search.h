// The search for scales and codes of formats w = d·s_j·q, groups j of 16 or 32 in a super-block of 256.
//
// `Codes` are the values that q may take:
//   kLowest, kHighest  the ends
//   kReach             how far beyond an end a group's largest value may profitably lie
//   kSigned            whether the two ends differ, so that a scale's sign matters; otherwise scales are positive
//   kUnit              d is kUnit times the half that is stored
//   nearest(x, weight, n, inverse, q)  writes the values for x·inverse, with little Σ weight·(x·inverse − q)²
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
  static constexpr float kLowest = kLow, kHighest = kHigh, kUnit = 1;
  static constexpr float kReach = kHigh < 4 ? 2.5f : 3;  // few codes are best spent on the many small values
  static constexpr bool kSigned = true;
  static void nearest(const float* x, const float* /*weight*/, int n, float inverse, float* q) {
    for (int i = 0; i < n; i += kLanes)
      store_lanes(q + i, round(clamp(load_lanes(x + i) * inverse, kLowest, kHighest)));
  }
};

// The integers that scales may be: kLowest, kLowest + kStride, … kHighest.
template <int kLow, int kHigh, int kStep = 1>
struct ScaleSteps {
  static constexpr int kLowest = kLow, kHighest = kHigh, kStride = kStep;
  static int nearest(float scale) {
    const auto low = static_cast<float>(kLow);
    const float step = std::round((std::clamp(scale, low, static_cast<float>(kHigh)) - low) / kStep);
    return kLow + kStep * static_cast<int>(step);
  }
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
  float codes[256];
  Codes::nearest(x, weight, n, inverse, codes);
  Lanes qq = splat(0), xq = splat(0);
  for (int i = 0; i < n; i += kLanes) {
    const Lanes q = load_lanes(codes + i), wq = load_lanes(weight + i) * q;
    qq += wq * q;
    xq += wq * load_lanes(x + i);
  }
  return {sum(qq), sum(xq)};
}

template <class Codes>
void try_inverse(const float* x, const float* weight, int n, float inverse, ScaleFit& best) {
  const CodeSums sums = code_sums<Codes>(x, weight, n, inverse);
  if (sums.qq > 0 && sums.xq * sums.xq > best.gain * sums.qq)
    best = {sums.xq / sums.qq, sums.xq * sums.xq / sums.qq, sums};
}

// The scale that fits n values best: the largest value is put on, short of and beyond an end.
template <class Codes>
ScaleFit fit_scale(const float* x, const float* weight, int n) {
  constexpr int kSteps = 12;
  constexpr float kStep = Codes::kReach / kSteps;
  ScaleFit best;
  float peak = largest_magnitude(x, n);
  if (std::fabs(peak) < kNegligible) return best;
  if (!Codes::kSigned) peak = std::fabs(peak);
  for (int i = -kSteps / 2; i <= kSteps; ++i) {
    const float beyond = kStep * static_cast<float>(i);
    if (Codes::kHighest + beyond > 0) try_inverse<Codes>(x, weight, n, (Codes::kHighest + beyond) / peak, best);
    if (Codes::kSigned && Codes::kLowest - beyond < 0)
      try_inverse<Codes>(x, weight, n, (Codes::kLowest - beyond) / peak, best);
  }
  for (int i = 0; i < 2; ++i)
    if (best.scale != 0) try_inverse<Codes>(x, weight, n, 1 / best.scale, best);
  return best;
}

// Σ w·(x − scale·q)² of n values, computed value by value: exact near zero.
template <class Codes>
float scale_error(const float* x, const float* weight, int n, float scale) {
  float codes[256];
  Codes::nearest(x, weight, n, inverse_or_zero(scale), codes);
  Lanes error = splat(0);
  for (int i = 0; i < n; i += kLanes) {
    const Lanes difference = load_lanes(x + i) - load_lanes(codes + i) * scale;
    error += load_lanes(weight + i) * difference * difference;
  }
  return sum(error);
}

// The half-precision scale and the codes of n ≤ 256 values that share it.
template <class Codes>
uint16_t search_one_scale(const float* x, const float* importance, int n, int8_t* codes) {
  const SearchInput in(x, importance, n, n);
  const uint16_t d = finite_f16(fit_scale<Codes>(in.x, in.weight, n).scale);
  float values[256];
  Codes::nearest(in.x, in.weight, n, inverse_or_zero(f16_to_f32(d)), values);
  std::copy_n(values, n, codes);
  return d;
}

// A super-block's numbers: d, the groups' integer scales, and the values of its codes.
struct ScaledCodes {
  uint16_t d = 0;  // half
  int8_t scales[16] = {};
  int8_t codes[256] = {};
};

template <class Codes, int kGroup, class Steps>
class ScaleSearch {
 public:
  ScaleSearch(const float* x, const float* importance) noexcept : in_(x, importance, 256, kGroup) {}

  ScaledCodes run() noexcept {
    for (int j = 0; j < kGroups; ++j) fits_[j] = fit_scale<Codes>(in_.x + j * kGroup, in_.weight + j * kGroup, kGroup);
    settle(first_d());
    for (int i = 0; i < 3 && improve(); ++i) {
    }
    write_codes();
    return best_;
  }

 private:
  static constexpr int kGroups = 256 / kGroup;

  static float value_of(uint16_t d) { return Codes::kUnit * f16_to_f32(d); }
  static uint16_t half_of(float d) { return finite_f16(d / Codes::kUnit); }
  static int scale_code(float scale, float d) { return Steps::nearest(d == 0 ? 0 : scale / d); }

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
  uint16_t first_d() const {
    float largest = 0;
    uint16_t best = 0;
    for (const ScaleFit& fit : fits_)
      if (std::fabs(fit.scale) > std::fabs(largest)) largest = fit.scale;
    double least = 0;
    for (int i = 0; i <= Steps::kHighest / 3; i += Steps::kStride)
      for (const int end : {Steps::kHighest - i, std::min(Steps::kLowest + i, -1)}) {
        if (end < Steps::kLowest) continue;
        const uint16_t d = half_of(largest / static_cast<float>(end));
        const double error = predicted_error(value_of(d));
        if (error < least) least = error, best = d;
      }
    return best;
  }

  // Takes d, and for each group the integer scale with the least error, if that is less in all.
  bool settle(uint16_t half) {
    const float d = value_of(half);
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
    for (const int s : {middle, middle - Steps::kStride, middle + Steps::kStride}) {
      if (s < Steps::kLowest || s > Steps::kHighest) continue;
      const float error =
          scale_error<Codes>(in_.x + j * kGroup, in_.weight + j * kGroup, kGroup, d * static_cast<float>(s));
      if (error < least) least = error, scale = static_cast<int8_t>(s);
    }
    return least;
  }

  // The best d for the scales and codes at hand.
  bool improve() {
    const float d = value_of(best_.d);
    double qq = 0, xq = 0;
    for (int j = 0; j < kGroups; ++j) {
      const float scale = d * static_cast<float>(best_.scales[j]);
      if (std::fabs(scale) < kNegligible) continue;
      const CodeSums sums = code_sums<Codes>(in_.x + j * kGroup, in_.weight + j * kGroup, kGroup, 1 / scale);
      qq += static_cast<double>(best_.scales[j]) * best_.scales[j] * sums.qq;
      xq += static_cast<double>(best_.scales[j]) * sums.xq;
    }
    if (!(qq > 0)) return false;
    const uint16_t half = half_of(static_cast<float>(xq / qq));
    return half != best_.d && settle(half);
  }

  void write_codes() {
    const float d = value_of(best_.d);
    for (int j = 0; j < kGroups; ++j) {
      float q[kGroup];
      const float scale = d * static_cast<float>(best_.scales[j]);
      Codes::nearest(in_.x + j * kGroup, in_.weight + j * kGroup, kGroup, inverse_or_zero(scale), q);
      std::copy_n(q, kGroup, best_.codes + j * kGroup);
    }
  }

  SearchInput in_;
  ScaleFit fits_[kGroups];
  ScaledCodes best_;
  double error_ = INFINITY;
};

}  // namespace loam
