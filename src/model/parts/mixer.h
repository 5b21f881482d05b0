// The two halves of a layer, as a decoder sees them: what mixes the tokens of a sequence, and what treats each by
// itself.
#pragma once

#include "model/kv_cache.h"
#include "ops/ops.h"

namespace loam {

// Attention, or a recurrent layer. Bound by its constructor; may run on many batches, one after another.
class Mixer {
 public:
  virtual ~Mixer() = default;
  // x (n_tokens, dim), normed → what is added to the residual (n_tokens, dim), in the context's arena.
  virtual Tensor run(Ops& f, const Tensor& x, const Batch& batch, KvCache& cache) const = 0;
};

// A dense layer or a mixture of experts.
class FeedForward {
 public:
  virtual ~FeedForward() = default;
  // As above.
  virtual Tensor run(Ops& f, const Tensor& x, const Batch& batch) const = 0;
};

}  // namespace loam
