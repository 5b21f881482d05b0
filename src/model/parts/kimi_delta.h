// Kimi Delta Attention (Kimi Linear, arXiv 2510.26692): the gated delta rule with a gate for each key, and convolutions
// of its own for queries, keys and values.
#pragma once

#include <array>
#include <string_view>

#include "model/model_config.h"
#include "model/parts/mixer.h"
#include "model/weights.h"
#include "ops/state_ops.h"

namespace loam {

// Sizes of its heads: `<arch>.kda.head_dim`, `<arch>.ssm.conv_kernel`, and the model's number of heads.
struct KimiDeltaSizes {
  int kernel = 0;
  int64_t n_heads = 0, head_dim = 0;
  // What is forgotten: e^(ssm_a · softplus(…)), or e^(bound · sigmoid(factor · ssm_a · …)) where there is a bound.
  float bound = 0, factor = 1;
  int64_t inner() const { return n_heads * head_dim; }

  // Error(model_invalid) naming the key where one is missing or out of range.
  static KimiDeltaSizes read(const Metadata& metadata, const ModelConfig& config);
};

class KimiDelta final : public Mixer {
 public:
  // Reads attn_q, attn_k, attn_v, ssm_conv1d_q, …_k, …_v, ssm_f_a, ssm_f_b, ssm_beta, ssm_a, ssm_dt.bias, ssm_g_a,
  // ssm_g_b, ssm_norm and attn_output. Files without ssm_f_b have the whole of it in ssm_f_a; likewise ssm_g_a, or
  // ssm_g.
  KimiDelta(const Weights& w, const ModelConfig& config, int layer, const KimiDeltaSizes& sizes);
  static StateSize state_size(const KimiDeltaSizes& sizes);

  Tensor run(Ops& f, const Tensor& x, const Batch& batch, KvCache& cache) const override;

 private:
  // A product, or two with a few features between them.
  struct Factored {
    Linear a, b;
    Tensor operator()(Ops& f, const Tensor& x) const;
  };
  Factored bind_factored(const Weights& l, int64_t dim, std::string_view a, std::string_view b) const;
  Tensor bind_rates(const Weights& l) const;
  Tensor decay(Ops& f, StateOps& s, const Tensor& x) const;

  const int layer_;
  const KimiDeltaSizes sizes_;
  const float epsilon_;
  std::array<Linear, 3> qkv_;
  std::array<Convolution, 3> convolutions_;
  Factored forget_, gate_;
  Linear beta_, out_;
  Tensor dt_bias_, rate_, norm_;
};

}  // namespace loam
