#include <cmath>

#include "engine/sampler/filters.h"

namespace loam {

void keep_min_p(Candidates& candidates, float share) {
  if (share <= 0) return;
  const double least = candidates.largest() + std::log(static_cast<double>(share));
  candidates.keep_if([&](const Candidate& c) { return c.logit >= least; });
}

}  // namespace loam
