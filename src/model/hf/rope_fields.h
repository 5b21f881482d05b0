// How config.json says that positions rotate: `rope_parameters` of newer files, `rope_theta` and `rope_scaling` of
// older ones.
#pragma once

#include "model/hf/config.h"
#include "model/hf/fields.h"
#include "model/hf/hyperparameters.h"

namespace loam {

// Of the layers that attend to everything. `n_rotated`: features of a head that rotate.
void read_rope(HfFields& fields, int64_t n_rotated, Hyperparameters& out, RopeDivisors& divisors);
// The base of the layers with a window.
double sliding_rope_base(HfFields& fields, double fallback);

}  // namespace loam
