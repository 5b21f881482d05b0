// Adaptive-p (MrJackSpade and ddh0, 2026): draws tokens near a target probability, so that their mean comes to it.
#pragma once

#include "engine/sampler/candidates.h"
#include "engine/sampler/random.h"

namespace loam {

// The mean of the drawn tokens' probabilities p, older ones counted `decay` times as much at each step, begins at the
// target. A step aims at t = 2 · target − mean, kept within [0, 1], and draws from the softmax of
// 5 − 10 · d² / (1 + d) with d = |p − t| / 0.3.
class AdaptiveP {
 public:
  AdaptiveP(float target, float decay);
  Token draw(Candidates& candidates, Random& random);
  double aim() const;

 private:
  double target_, decay_;
  double sum_, weight_;  // of the probabilities drawn so far, and of their weights
};

}  // namespace loam
