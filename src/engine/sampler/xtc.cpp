#include "engine/sampler/filters.h"

namespace loam {

void exclude_top_choices(Candidates& candidates, float probability, float threshold, Random& random) {
  if (probability <= 0 || threshold > 0.5f) return;
  if (random.uniform() >= probability) return;
  const std::span<const float> weights = candidates.weights();
  const double least_weight = threshold * candidates.total();
  size_t n_top = 0, last = 0;  // the least likely of the top, the highest id among equals
  for (size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] < least_weight) continue;
    const Candidate &a = candidates[i], &b = candidates[last];
    if (n_top++ == 0 || a.logit < b.logit || (a.logit == b.logit && a.token > b.token)) last = i;
  }
  if (n_top < 2) return;
  const Candidate kept = candidates[last];
  candidates.keep_if([&](const Candidate& c) { return c.token == kept.token || c.logit < kept.logit; });
}

}  // namespace loam
