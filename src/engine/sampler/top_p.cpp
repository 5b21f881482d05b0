#include "engine/sampler/filters.h"

namespace loam {

void keep_top_p(Candidates& candidates, float mass) {
  if (mass < 1) candidates.keep_nearest(mass, 0);
}

}  // namespace loam
