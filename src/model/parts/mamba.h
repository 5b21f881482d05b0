// Mamba's layers: what stands in the place of attention.
#pragma once

#include "model/model_config.h"
#include "model/parts/mixer.h"
#include "model/ssm_config.h"
#include "model/weights.h"
#include "ops/state_ops.h"

namespace loam {

// Gu and Dao, Mamba: Linear-Time Sequence Modeling with Selective State Spaces, arXiv 2312.00752.
class Mamba final : public Mixer {
 public:
  // Reads ssm_in, ssm_conv1d, ssm_x, ssm_dt, ssm_a, ssm_d, ssm_out; and norms of Δ, b and c where the file has them.
  Mamba(const Weights& w, const ModelConfig& config, int layer, const SsmConfig& ssm);
  static StateSize state_size(const SsmConfig& ssm);

  Tensor run(Ops& f, const Tensor& x, const Batch& batch, KvCache& cache) const override;

 private:
  const int layer_;
  const SsmConfig ssm_;
  const float epsilon_;
  const bool norms_;
  Linear in_, x_, dt_, out_;
  Convolution convolution_;
  Tensor rate_, skip_, dt_norm_, b_norm_, c_norm_;
};

// Dao and Gu, Transformers are SSMs, arXiv 2405.21060: heads with one rate each, which share keys and queries in
// groups.
class Mamba2 final : public Mixer {
 public:
  // Reads ssm_in, ssm_conv1d, ssm_dt.bias, ssm_a, ssm_d, ssm_norm (where there is one), ssm_out.
  Mamba2(const Weights& w, const ModelConfig& config, int layer, const SsmConfig& ssm);
  static StateSize state_size(const SsmConfig& ssm);

  Tensor run(Ops& f, const Tensor& x, const Batch& batch, KvCache& cache) const override;

 private:
  const int layer_;
  const SsmConfig ssm_;
  const float epsilon_;
  Linear in_, out_;
  Convolution convolution_;
  Tensor dt_bias_, rate_, skip_, norm_;
};

}  // namespace loam
