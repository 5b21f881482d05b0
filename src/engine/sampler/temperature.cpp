#include "engine/sampler/temperature.h"

#include <algorithm>
#include <cmath>

namespace loam {
namespace {

// H / log n, in [0, 1]
double normalized_entropy(Candidates& candidates) {
  const std::span<const float> weights = candidates.weights();
  double mean = 0;  // Σ p · (largest − logit)
  for (size_t i = 0; i < weights.size(); ++i) mean += weights[i] * (double{candidates.largest()} - candidates[i].logit);
  const double entropy = mean / candidates.total() + std::log(candidates.total());
  return std::clamp(entropy / std::log(static_cast<double>(candidates.size())), 0.0, 1.0);
}

double dynamic_temperature(Candidates& candidates, float temperature, float range, float exponent) {
  if (range <= 0 || candidates.size() < 2) return temperature;
  const double lowest = std::max(0.0, double{temperature} - range), highest = double{temperature} + range;
  return lowest + (highest - lowest) * std::pow(normalized_entropy(candidates), exponent);
}

}  // namespace

void apply_temperature(Candidates& candidates, float temperature, float range, float exponent) {
  const double t = dynamic_temperature(candidates, temperature, range, exponent);
  if (t == 1) return;
  if (t < 1e-6) return candidates.keep_likeliest(1);
  const double largest = candidates.largest();
  candidates.set_logits([&](const Candidate& c) { return static_cast<float>((c.logit - largest) / t); });
}

}  // namespace loam
