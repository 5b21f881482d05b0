#include "quant/affine_search.h"

#include <algorithm>
#include <cmath>

#include "quant/half.h"
#include "quant/lanes.h"
#include "quant/search_input.h"

namespace loam {
namespace {

// One group's values x and what their errors count, with the sums that do not depend on codes.
struct Group {
  Group() = default;
  Group(const float* values, const float* weights, int count) : x(values), weight(weights), n(count) {
    const auto [least, greatest] = std::minmax_element(x, x + n);
    low = *least;
    high = *greatest;
    for (int i = 0; i < n; ++i) w += weight[i], wx += weight[i] * x[i], wxx += weight[i] * x[i] * x[i];
  }

  const float* x = nullptr;
  const float* weight = nullptr;
  int n = 0;
  float low = 0, high = 0;
  float w = 0, wx = 0, wxx = 0;  // Σ w, Σ w·x, Σ w·x²
};

struct AffineSums {
  float q = 0, qq = 0, xq = 0;  // Σ w·q, Σ w·q², Σ w·x·q
};

// x ≈ scale·q − min, both at least 0.
struct AffineFit {
  float scale = 0, min = 0, error = INFINITY;
  AffineSums sums = {};
};

// Σ w·(x − (scale·q − min))² for the codes q that the sums are of.
template <class Number>
Number fit_error(const Group& g, const AffineSums& s, Number scale, Number min) {
  return g.wxx + scale * (scale * s.qq - 2 * s.xq) + min * (min * g.w + 2 * g.wx - 2 * scale * s.q);
}

// The codes of x for a scale and a minimum.
Lanes affine_codes(Lanes x, float inverse, float min, float highest) {
  return round(clamp((x + min) * inverse, 0, highest));
}

AffineSums affine_sums(const Group& g, float scale, float min, float highest) {
  const float inverse = inverse_or_zero(scale);
  Lanes q_sum = splat(0), qq = splat(0), xq = splat(0);
  for (int i = 0; i < g.n; i += kLanes) {
    const Lanes x = load_lanes(g.x + i), q = affine_codes(x, inverse, min, highest), wq = load_lanes(g.weight + i) * q;
    q_sum += wq;
    qq += wq * q;
    xq += wq * x;
  }
  return {sum(q_sum), sum(qq), sum(xq)};
}

// Σ w·(x − (scale·q − min))², computed value by value: exact near zero.
float affine_error(const Group& g, float scale, float min, float highest) {
  const float inverse = inverse_or_zero(scale);
  Lanes error = splat(0);
  for (int i = 0; i < g.n; i += kLanes) {
    const Lanes x = load_lanes(g.x + i);
    const Lanes difference = x - (affine_codes(x, inverse, min, highest) * scale - min);
    error += load_lanes(g.weight + i) * difference * difference;
  }
  return sum(error);
}

// The least-squares scale and minimum for the codes that (scale, min) give.
AffineFit refit(const Group& g, float scale, float min, float highest) {
  const AffineSums s = affine_sums(g, scale, min, highest);
  const float determinant = g.w * s.qq - s.q * s.q;
  AffineFit fit;
  if (determinant > 1e-5f * g.w * s.qq) {  // else all codes are one
    fit.scale = (g.w * s.xq - g.wx * s.q) / determinant;
    fit.min = (s.q * s.xq - s.qq * g.wx) / determinant;
  }
  if (!(fit.scale > 0) || fit.min < 0) fit = {.scale = s.xq / s.qq};
  if (!(fit.scale > 0)) return {};
  fit.sums = s;
  fit.error = fit_error(g, s, fit.scale, fit.min);
  return fit;
}

// The best fit of those whose codes begin and end at, before and behind the group's range.
AffineFit fit_affine(const Group& g, float highest) {
  // With few codes, values beyond the ends are cut off; with many, only the place of the grid matters.
  const float step = std::min(0.4f / highest, 0.05f);
  const float low = std::min(g.low, 0.0f), range = std::max(g.high, 0.0f) - low;
  AffineFit best = {.min = std::max(-g.wx / g.w, 0.0f)};  // all codes 0
  best.error = fit_error(g, best.sums, 0.0f, best.min);
  if (range < kNegligible) return best;
  const auto keep = [&](const AffineFit& fit) {
    if (fit.error < best.error) best = fit;
  };
  for (int i = -1; i <= 4; ++i)
    for (int j = -1; j <= 4; ++j) {
      const float begin = low + static_cast<float>(i) * step * range;
      keep(refit(g, (range * (1 - static_cast<float>(i + j) * step)) / highest, std::max(-begin, 0.0f), highest));
    }
  for (int i = 0; i < 3; ++i) keep(refit(g, best.scale, best.min, highest));
  return best;
}

class AffineSearch {
 public:
  AffineSearch(const AffineShape& shape, const float* x, const float* importance)
      : shape_(shape), highest_(static_cast<float>(shape.highest_code)), in_(x, importance, 256, shape.group) {
    for (int j = 0; j < groups(); ++j) {
      groups_[j] = {in_.x + j * shape.group, in_.weight + j * shape.group, shape.group};
      fits_[j] = fit_affine(groups_[j], highest_);
    }
  }

  AffineCodes run() {
    settle_first();
    for (int i = 0; i < 3 && improve(); ++i) {
    }
    write_codes();
    return best_;
  }

 private:
  int groups() const { return 256 / shape_.group; }

  int nearest_scale(float scale, float d) const {
    if (d < kNegligible) return 0;
    return static_cast<int>(std::clamp(scale / d, 0.0f, static_cast<float>(shape_.highest_scale)) + 0.5f);
  }

  // Error when each group's scale and minimum are rounded to multiples of d and d_min, its codes staying.
  double predicted_error(float d, float d_min) const {
    double error = 0;
    for (int j = 0; j < groups(); ++j) {
      const Group& g = groups_[j];
      const AffineFit& fit = fits_[j];
      const float scale = d * static_cast<float>(nearest_scale(fit.scale, d));
      const float min = (scale * fit.sums.q - g.wx) / g.w;  // the best one beside this scale
      error += fit_error<double>(g, fit.sums, scale, d_min * static_cast<float>(nearest_scale(min, d_min)));
    }
    return error;
  }

  // Begins with the d and d_min, of those that put the largest scale and minimum near the highest integer, which round
  // all groups best.
  void settle_first() {
    float scale = 0, min = 0;
    for (int j = 0; j < groups(); ++j) {
      scale = std::max(scale, fits_[j].scale);
      min = std::max(min, fits_[j].min);
    }
    uint16_t halves[2] = {};
    double least = INFINITY;
    for (int i = 0; i <= shape_.highest_scale / 9; ++i)
      for (int j = 0; j <= shape_.highest_scale / 9; ++j) {
        const uint16_t d = finite_f16(scale / static_cast<float>(shape_.highest_scale - i));
        const uint16_t d_min = finite_f16(min / static_cast<float>(shape_.highest_scale - j));
        const double error = predicted_error(f16_to_f32(d), f16_to_f32(d_min));
        if (error < least) least = error, halves[0] = d, halves[1] = d_min;
      }
    settle(halves[0], halves[1]);
  }

  // Takes the two halves, and for each group the integers with the least error, if that is less in all.
  bool settle(uint16_t d, uint16_t d_min) {
    AffineCodes tried;
    tried.d = d;
    tried.d_min = d_min;
    double error = 0;
    for (int j = 0; j < groups(); ++j) error += settle_group(j, tried);
    if (!(error < error_)) return false;
    error_ = error;
    best_ = tried;
    return true;
  }

  float settle_group(int j, AffineCodes& tried) const {
    const float d = f16_to_f32(tried.d), d_min = f16_to_f32(tried.d_min);
    const int scale = nearest_scale(fits_[j].scale, d), min = nearest_scale(fits_[j].min, d_min);
    const Group& g = groups_[j];
    float least = INFINITY;
    for (int s = std::max(scale - 1, 0); s <= std::min(scale + 1, shape_.highest_scale); ++s)
      for (int m = std::max(min - 1, 0); m <= std::min(min + 1, shape_.highest_scale); ++m) {
        const float error = affine_error(g, d * static_cast<float>(s), d_min * static_cast<float>(m), highest_);
        if (error >= least) continue;
        least = error;
        tried.scales[j] = static_cast<uint8_t>(s);
        tried.mins[j] = static_cast<uint8_t>(m);
      }
    return least;
  }

  // The least-squares d and d_min for the integers and codes at hand: x ≈ d·(s·q) − d_min·m.
  bool improve() {
    const float d = f16_to_f32(best_.d), d_min = f16_to_f32(best_.d_min);
    double aa = 0, ab = 0, bb = 0, ax = 0, bx = 0;
    for (int j = 0; j < groups(); ++j) {
      const Group& g = groups_[j];
      const double s = best_.scales[j], m = best_.mins[j];
      const AffineSums sums =
          affine_sums(g, d * static_cast<float>(best_.scales[j]), d_min * static_cast<float>(best_.mins[j]), highest_);
      aa += s * s * sums.qq;
      ab -= s * m * sums.q;
      bb += m * m * g.w;
      ax += s * sums.xq;
      bx -= m * g.wx;
    }
    const double determinant = aa * bb - ab * ab;
    if (!(aa > 0)) return false;
    uint16_t halves[2] = {finite_f16(static_cast<float>(ax / aa)), best_.d_min};
    if (determinant > 1e-9 * aa * bb) {
      halves[0] = finite_f16(static_cast<float>((bb * ax - ab * bx) / determinant));
      halves[1] = finite_f16(static_cast<float>((aa * bx - ab * ax) / determinant));
    }
    if (halves[0] >> 15 || halves[1] >> 15) return false;  // a negative one would turn the codes round
    return (halves[0] != best_.d || halves[1] != best_.d_min) && settle(halves[0], halves[1]);
  }

  void write_codes() {
    const float d = f16_to_f32(best_.d), d_min = f16_to_f32(best_.d_min);
    for (int i = 0; i < 256; i += kLanes) {
      const int j = i / shape_.group;
      const float scale = d * static_cast<float>(best_.scales[j]), min = d_min * static_cast<float>(best_.mins[j]);
      const Lanes q = affine_codes(load_lanes(in_.x + i), inverse_or_zero(scale), min, highest_);
      for (int lane = 0; lane < kLanes; ++lane) best_.codes[i + lane] = static_cast<uint8_t>(q[lane]);
    }
  }

  AffineShape shape_;
  float highest_;
  SearchInput in_;
  Group groups_[16];
  AffineFit fits_[16];
  AffineCodes best_;
  double error_ = INFINITY;
};

}  // namespace

AffineCodes search_affine(const AffineShape& shape, const float* x, const float* importance) noexcept {
  return AffineSearch(shape, x, importance).run();
}

}  // namespace loam
