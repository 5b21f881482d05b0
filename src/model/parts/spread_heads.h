// Keys and values of fewer heads than there are of queries, for operations that have one for each.
#pragma once

#include "ops/ops.h"

namespace loam {

// Heads, once for each of the n_heads that share them: x (n_tokens, n_shared · head_dim) → (n_tokens, n_heads ·
// head_dim); x itself where as many.
Tensor spread_heads(Ops& f, const Tensor& x, int64_t n_shared, int64_t n_heads);

}  // namespace loam
