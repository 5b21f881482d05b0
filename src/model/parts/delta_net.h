// Gated delta-net (Yang et al., arXiv 2412.06464): linear attention whose state forgets by a gate and is corrected by
// the delta rule, from a layer's normed input to what is added to its residual.
#pragma once

#include "model/model_config.h"
#include "model/parts/mixer.h"
#include "model/ssm_config.h"
#include "model/weights.h"
#include "ops/state_ops.h"

namespace loam {

class DeltaNet final : public Mixer {
 public:
  // Reads attn_qkv and attn_gate, or ssm_in with the parts of each group of heads side by side; ssm_conv1d; ssm_alpha
  // and ssm_beta, or ssm_ba, likewise by groups; ssm_dt.bias, ssm_a, ssm_norm, ssm_out. `interleaved`: see Recurrence;
  // `gate`: of what the state gives.
  DeltaNet(const Weights& w, const ModelConfig& config, int layer, const SsmConfig& ssm, bool interleaved,
           const Activation& gate = {});
  static StateSize state_size(const SsmConfig& ssm);

  Tensor run(Ops& f, const Tensor& x, const Batch& batch, KvCache& cache) const override;

 private:
  struct Inputs {
    Tensor qkv, z;       // (n_tokens, keys + keys + values), (n_tokens, values)
    Tensor alpha, beta;  // (n_tokens, n_heads): what forgets, and what writes
  };
  Inputs project(Ops& f, const Tensor& x) const;

  const int layer_;
  const SsmConfig ssm_;
  const float epsilon_;
  const bool interleaved_;
  const Activation activation_;
  Linear qkv_, gate_, joined_, alpha_, beta_, alpha_beta_, out_;
  Convolution convolution_;
  Tensor dt_bias_, rate_, norm_;
};

// In place: x · factor / √(|x|² + ε) for each head.
void unit_heads(Ops& f, Tensor& x, int64_t head_dim, float epsilon, float factor = 1);

}  // namespace loam
