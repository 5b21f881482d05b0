#include <algorithm>
#include <cmath>

#include "engine/sampler/filters.h"

namespace loam {

void keep_top_n_sigma(Candidates& candidates, float n) {
  if (n <= 0) return;
  const auto size = static_cast<double>(candidates.size());
  double sum = 0, squares = 0;  // of the distances from the largest: nothing is lost where all are far from 0
  for (size_t i = 0; i < candidates.size(); ++i) {
    const double distance = double{candidates.largest()} - candidates[i].logit;
    sum += distance;
    squares += distance * distance;
  }
  const double mean = sum / size, sigma = std::sqrt(std::max(0.0, squares / size - mean * mean));
  const double least = candidates.largest() - n * sigma;
  candidates.keep_if([&](const Candidate& c) { return c.logit >= least; });
}

}  // namespace loam
