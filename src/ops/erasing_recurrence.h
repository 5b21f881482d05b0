// A state that a row first erases from and then writes to, each with a key of its own: RWKV-7's generalised delta rule.
#pragma once

#include "ops/state_ops.h"

namespace loam {

// Of each head: S ← diag(decay)·S − erased·(foundᵀ·S) + k·vᵀ, with S before the row on the right; out = Sᵀ·q. The state
// is S, [head][key][value]. All are (n_tokens, n_heads · head_dim).
struct ErasingRecurrence {
  int n_heads = 0;
  Tensor q, k, v, decay, found, erased;
};

// → (n_tokens, n_heads · head_dim). A span that begins at position 0 begins with a state of zeros.
Tensor recur_and_erase(Context& context, const Batch& batch, const ErasingRecurrence& recurrence,
                       const StateLayer& state);

}  // namespace loam
