#include <algorithm>
#include <cmath>

#include "engine/sampler/filters.h"

namespace loam {
namespace {

struct Deviation {
  float from_entropy;  // |−log p − H|
  float weight;
  Candidate candidate;
};

bool nearer(const Deviation& a, const Deviation& b) {
  return a.from_entropy < b.from_entropy || (a.from_entropy == b.from_entropy && a.candidate.token < b.candidate.token);
}

}  // namespace

// With d = largest − logit: −log p = d + log Σ e^−d, and H = Σ p·d + log Σ e^−d. The logarithm falls out of the
// difference.
void keep_typical(Candidates& candidates, float mass) {
  if (mass >= 1) return;
  const std::span<const float> weights = candidates.weights();
  double mean = 0;  // Σ p·d
  const auto distance = [&](size_t i) { return double{candidates.largest()} - candidates[i].logit; };
  for (size_t i = 0; i < weights.size(); ++i) mean += weights[i] * distance(i);
  mean /= candidates.total();

  std::vector<Deviation> order(weights.size());
  for (size_t i = 0; i < order.size(); ++i)
    order[i] = {static_cast<float>(std::abs(distance(i) - mean)), weights[i], candidates[i]};
  std::vector<Candidate> kept;
  double held = 0;
  for (size_t n_sorted = 0; kept.size() < order.size() && (kept.empty() || held <= mass * candidates.total());) {
    const size_t n = kept.size();
    if (n == n_sorted) {
      n_sorted = std::min(order.size(), 4 * n + 64);
      const auto at = [&](size_t i) { return order.begin() + static_cast<std::ptrdiff_t>(i); };
      std::partial_sort(at(n), at(n_sorted), order.end(), nearer);
    }
    held += order[n].weight;
    kept.push_back(order[n].candidate);
  }
  candidates.assign(std::move(kept));
}

}  // namespace loam
