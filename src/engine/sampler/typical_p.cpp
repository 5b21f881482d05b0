#include "engine/sampler/filters.h"

namespace loam {

// With d = largest − logit: −log p = d + log Σ e^−d, and H = Σ p·d + log Σ e^−d. So −log p is nearest to H where d is
// nearest to its mean.
void keep_typical(Candidates& candidates, float mass) {
  if (mass >= 1) return;
  const std::span<const float> weights = candidates.weights();
  double mean = 0;
  for (size_t i = 0; i < weights.size(); ++i) mean += weights[i] * (double{candidates.largest()} - candidates[i].logit);
  candidates.keep_nearest(mass, mean / candidates.total());
}

}  // namespace loam
