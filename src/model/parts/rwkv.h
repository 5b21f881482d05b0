// What the layers of RWKV models share: a look at the token before, and a head's state that forgets by each key.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "model/model_config.h"
#include "model/weights.h"
#include "ops/state_ops.h"

namespace loam {

// Features of a head. Error(model_invalid) where it does not divide a row or the feed-forward length is missing,
// Error(unsupported) where the file does not keep `n_shifts` rows of the token before.
int64_t rwkv_head_size(const Metadata& metadata, const ModelConfig& config, int n_shifts);

// The row before each row of x (n_tokens, dim), the last one of the batch before included.
class TokenShift {
 public:
  // `place`: which [dim] of the layer's state keeps it.
  TokenShift(int64_t dim, int place);

  Tensor before(StateOps& s, const Tensor& x, const StateLayer& state) const;
  Tensor step(Ops& f, StateOps& s, const Tensor& x, const StateLayer& state) const;  // before − x

 private:
  const int64_t dim_, place_;
  std::vector<float> weights_;  // of a convolution: 1 for the row before, 0 for the row
};

// x + step · share, with one share for all rows (dim) or for each.
Tensor shifted(Ops& f, const Tensor& x, const Tensor& step, const Tensor& share);

// y += v · Σ r·weight·k, of each head; `weight` (n_heads, head_dim). In place.
struct OwnToken {
  Tensor r, k, v;  // (n_tokens, n_heads · head_dim)
};
void add_own_token(Ops& f, Tensor& y, const OwnToken& own, const Tensor& weight);

// What a layer of RWKV-6 (arXiv 2404.05892) makes decay, key, value, receptance and gate of: mixtures of each token and
// the one before, by shares that depend on both. Tensors time_mix_lerp_*, time_mix_w1 and time_mix_w2; of the decay
// time_mix_decay, time_mix_decay_w1 and time_mix_decay_w2.
class Rwkv6Inputs {
 public:
  // Extra features of what mixes tokens and of what forgets.
  struct Sizes {
    int64_t dim = 0, mix = 0, decay = 0;
  };
  // `l` is the layer's; the token before stands in place 0 of its state. Errors as Weights.
  Rwkv6Inputs(const Weights& l, const Sizes& sizes);

  std::array<Tensor, 5> mix(Ops& f, StateOps& s, const Tensor& x, const StateLayer& state) const;
  // What each key keeps, e^(−e^(…)), of the first mixture. → (n_tokens, dim)
  Tensor decay(Ops& f, StateOps& s, const Tensor& mixed) const;

 private:
  Tensor share_of(size_t i) const;

  const int64_t dim_;
  const TokenShift shift_;
  Tensor share_x_;
  std::vector<Tensor> shares_;  // of decay, key, value, receptance and gate, or one with all of them
  Linear mix_a_;
  Tensor mix_b_;
  Linear decay_a_, decay_b_;
  Tensor decay_bias_;
};

}  // namespace loam
