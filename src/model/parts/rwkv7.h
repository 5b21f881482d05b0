// How RWKV-7 mixes tokens (arXiv 2503.14456): a state whose heads erase what a key finds, at a rate that each token
// gives, and take up its value.
#pragma once

#include <string>

#include "model/parts/rwkv.h"

namespace loam {

struct Rwkv7Sizes {
  int64_t dim = 0, head_dim = 0, n_shifts = 0;
  int64_t decay = 0, rate = 0, value = 0, gate = 0;  // ranks; 0: no gate

  // `n_shifts`: rows of the token before that a layer keeps. Errors as rwkv_head_size and Metadata.
  Rwkv7Sizes(const Metadata& metadata, const ModelConfig& config, int n_shifts);
  int64_t n_heads() const { return dim / head_dim; }
  StateSize state() const;
};

// Tensors time_mix_*.
class Rwkv7TimeMix {
 public:
  // `l` is the layer's; the token before stands in place 0 of its state. Errors as Weights.
  Rwkv7TimeMix(const Weights& l, const Rwkv7Sizes& sizes, int layer);

  // x (n_tokens, dim), normed → (n_tokens, dim). `first_value`: the first layer's values, which it sets and the others
  // mix into theirs.
  Tensor run(Ops& f, const Tensor& x, const Batch& batch, const StateLayer& state, Tensor& first_value) const;

 private:
  // up(a(down(x))) + bias: what makes decay, rate and gate.
  struct LowRank {
    Linear down, up;
    Tensor bias;

    LowRank() = default;
    // Tensors LETTER1 and LETTER2, and LETTER0 of the bias.
    LowRank(const Weights& l, const std::string& letter, int64_t rank, int64_t dim, bool biased = true);
    Tensor sigmoid(Ops& f, const Tensor& x) const;  // of all, without an `a`
  };

  Tensor share_of(int64_t i) const;
  Tensor decay(Ops& f, StateOps& s, const Tensor& x) const;
  Tensor value(Ops& f, const Tensor& x, Tensor& first_value) const;
  void weaken(Ops& f, Tensor& k, const Tensor& rate) const;
  Tensor gate(Ops& f, const Tensor& x) const;

  const Rwkv7Sizes sizes_;
  const TokenShift shift_;
  const bool gated_;
  LowRank decay_, rate_, first_value_, gate_;
  Linear key_, value_, receptance_, out_;
  Tensor shares_, found_, kept_, own_, norm_weight_, norm_bias_;
};

}  // namespace loam
