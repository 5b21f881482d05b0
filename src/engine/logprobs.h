// Log-probabilities as callers see them: the model's own, before anything is asked of the sampler.
#pragma once

#include <span>

#include "engine/generation.h"

namespace loam {

// `token` after a row of logits, and the `n_top` likeliest there, the lower id among equals. A NaN counts as −∞.
ScoredToken score(std::span<const float> logits, Token token, int n_top);

}  // namespace loam
