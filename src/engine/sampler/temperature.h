// Temperature, fixed or dynamic.
#pragma once

#include "engine/sampler/candidates.h"

namespace loam {

// Divides the logits by T. With a range r > 0, T lies between temperature − r (at least 0) and temperature + r, by how
// undecided the model is: lowest + (highest − lowest) · (H / log n)^exponent, with the entropy H of n candidates
// (entropy-based dynamic temperature, kalomaze 2023).
void apply_temperature(Candidates& candidates, float temperature, float range, float exponent);

}  // namespace loam
