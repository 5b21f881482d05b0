// A mixture of experts (arXiv 1701.06538), with experts that every token goes through where there are some.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "model/model_config.h"
#include "model/parts/feed_forward.h"
#include "model/parts/mixer.h"
#include "model/parts/norm.h"
#include "model/weights.h"

namespace loam {

// An expert for every token, beside those that the router picks.
enum class SharedExpert {
  none,
  plain,
  gated,  // times sigmoid(ffn_gate_inp_shexp · x)
};

struct ExpertsSpec {
  int64_t ffn = 0;     // hidden features of an expert
  bool gated = true;   // experts have a gate
  MoeOptions options;  // layer is filled in
  SharedExpert shared = SharedExpert::none;
  int64_t shared_ffn = 0;
  std::optional<Activation> shared_activation = {};  // where it is not that of the others
  // Features of a narrower vector that experts work on, between ffn_latent_down and ffn_latent_up.
  int64_t latent = 0;
  std::string_view latent_name = "ffn_latent";  // before _down and _up, and _norm of what goes up, where there is one
};

// As the config's `expert_*` keys say; without a shared expert.
ExpertsSpec experts_of(const ModelConfig& config);

// Of layer i: SiLU, whose input and what it multiplies are bounded where the file's `swiglu_clamp_exp` says so.
Activation bounded_silu(const Weights& w, const ModelConfig& config, int i);

// Tensors ffn_gate_inp, ffn_gate_exps and ffn_up_exps or ffn_gate_up_exps, ffn_down_exps, exp_probs_b; with biases
// where the file has them.
class Experts final : public FeedForward {
 public:
  // `w` is the layer's. Errors as Weights, and Error(model_invalid) for a model without experts.
  Experts(const Weights& w, const ModelConfig& config, int layer, const ExpertsSpec& spec);

  Tensor run(Ops& f, const Tensor& x, const Batch& batch) const override { return run(f, x, batch, {}); }
  // `routed`: what the router reads, where that is not x.
  Tensor run(Ops& f, const Tensor& x, const Batch& batch, const Tensor& routed) const;

 private:
  void bind_experts(const Weights& w, int64_t n, int64_t dim);
  void bind_biases(const Weights& w, int64_t n, int64_t dim);

  const ExpertsSpec spec_;
  MoeOptions options_;
  MoeWeights weights_;
  Linear latent_down_, latent_up_;
  Norm latent_norm_;
  std::optional<DenseFfn> shared_;
  Linear shared_gate_;
};

}  // namespace loam
