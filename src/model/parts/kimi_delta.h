// Kimi Delta Attention (Kimi Linear, arXiv 2510.26692): the gated delta rule with a gate for each key, and convolutions
// of its own for queries, keys and values.
#pragma once

#include <array>

#include "model/model_config.h"
#include "model/parts/mixer.h"
#include "model/weights.h"
#include "ops/state_ops.h"

namespace loam {

// Sizes of its heads: `<arch>.kda.head_dim`, `<arch>.ssm.conv_kernel`, and the model's number of heads.
struct KimiDeltaSizes {
  int kernel = 0;
  int64_t n_heads = 0, head_dim = 0;
  int64_t inner() const { return n_heads * head_dim; }

  // Error(model_invalid) naming the key where one is missing or out of range.
  static KimiDeltaSizes read(const Metadata& metadata, const ModelConfig& config);
};

class KimiDelta final : public Mixer {
 public:
  // Reads attn_q, attn_k, attn_v, ssm_conv1d_q, …_k, …_v, ssm_f_a, ssm_f_b, ssm_beta, ssm_a, ssm_dt.bias, ssm_g_a,
  // ssm_g_b, ssm_norm and attn_output.
  KimiDelta(const Weights& w, const ModelConfig& config, int layer, const KimiDeltaSizes& sizes);
  static StateSize state_size(const KimiDeltaSizes& sizes);

  Tensor run(Ops& f, const Tensor& x, const Batch& batch, KvCache& cache) const override;

 private:
  const int layer_;
  const KimiDeltaSizes sizes_;
  const float epsilon_;
  std::array<Linear, 3> qkv_;
  std::array<Convolution, 3> convolutions_;
  Linear forget_a_, forget_b_, beta_, gate_a_, gate_b_, out_;
  Tensor dt_bias_, rate_, norm_;
};

}  // namespace loam
