// The rotation of queries and keys by their positions, with the factors that some files have.
#pragma once

#include "model/model_config.h"
#include "model/weights.h"

namespace loam {

// Which features turn together: (2i, 2i + 1), or (i, i + n/2).
enum class RopePairs { adjacent, halves };

// With Llama-3's factors (rope_freqs) or LongRoPE's (arXiv 2402.13753: rope_factors_long, or rope_factors_short for
// sequences within the original context), where the file has them. `w` is the whole model's. Errors as Weights.
Rope bind_rope(const Weights& w, const RopeConfig& config, RopePairs pairs);

}  // namespace loam
