#include "engine/sampler/adaptive_p.h"

#include <algorithm>
#include <cmath>

namespace loam {
namespace {

constexpr double kPeak = 5, kSharpness = 10, kWidth = 0.3;

}  // namespace

AdaptiveP::AdaptiveP(float target, float decay)
    : target_(target), decay_(decay), sum_(target_ / (1 - decay_)), weight_(1 / (1 - decay_)) {}

double AdaptiveP::aim() const { return std::clamp(2 * target_ - sum_ / weight_, 0.0, 1.0); }

Token AdaptiveP::draw(Candidates& candidates, Random& random) {
  const std::span<const float> weights = candidates.weights();
  const std::vector<float> original(weights.begin(), weights.end());
  const double total = candidates.total(), aim = this->aim();
  size_t i = 0;
  candidates.set_logits([&](const Candidate&) {
    const double d = std::abs(original[i++] / total - aim) / kWidth;
    return static_cast<float>(kPeak - kSharpness * d * d / (1 + d));
  });
  const size_t drawn = candidates.draw(random.uniform());
  sum_ = original[drawn] / total + decay_ * sum_;
  weight_ = 1 + decay_ * weight_;
  return candidates[drawn].token;
}

}  // namespace loam
