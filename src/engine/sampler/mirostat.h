// Mirostat 1 and 2 (Basu et al., ICLR 2021): keeps the surprise of the text near a target.
#pragma once

#include "engine/sampler/candidates.h"
#include "engine/sampler/random.h"

namespace loam {

// The bound μ begins at 2τ, and after each token moves by −η · (surprise − τ), in bits.
class Mirostat {
 public:
  Mirostat(int version, float tau, float eta) : version_(version), tau_(tau), eta_(eta), bound_(2.0 * tau) {}
  Token draw(Candidates& candidates, Random& random);
  double bound() const { return bound_; }

 private:
  size_t top_k(Candidates& candidates) const;
  void keep_below_bound(Candidates& candidates) const;

  int version_;
  double tau_, eta_, bound_;
};

}  // namespace loam
