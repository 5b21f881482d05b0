// Filters: each takes the candidates that are left and keeps some of them, at least one.
#pragma once

#include "engine/sampler/candidates.h"
#include "engine/sampler/random.h"

namespace loam {

// Top-nσ (Tang et al., 2024): logits within n standard deviations of the largest; of all logits, so it comes first.
void keep_top_n_sigma(Candidates& candidates, float n);

// Locally typical sampling (Meister et al., TACL 2023): those whose surprise −log p is nearest to the entropy, until
// they hold `mass` of the probability.
void keep_typical(Candidates& candidates, float mass);

// Nucleus sampling (Holtzman et al., ICLR 2020): the fewest that hold `mass` of the probability.
void keep_top_p(Candidates& candidates, float mass);

// Min-p (Nguyen et al., 2024): those at least `share` times as probable as the likeliest.
void keep_min_p(Candidates& candidates, float share);

// Exclude top choices, XTC (p-e-w, 2024): with `probability`, of those that have at least `threshold` all but the least
// likely are taken out, so that the text leaves the beaten track where several ways are good. Off above ½, where no two
// can have so much. Draws one number in any case.
void exclude_top_choices(Candidates& candidates, float probability, float threshold, Random& random);

}  // namespace loam
