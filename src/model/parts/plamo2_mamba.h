// PLaMo-2's state layers: Mamba-2's heads, whose steps, keys and queries come from Mamba's normed projections.
#pragma once

#include "model/model_config.h"
#include "model/parts/mixer.h"
#include "model/ssm_config.h"
#include "model/weights.h"
#include "ops/state_ops.h"

namespace loam {

class Plamo2Mamba final : public Mixer {
 public:
  // Reads ssm_in, ssm_conv1d, ssm_x, ssm_dt, ssm_a, ssm_d, ssm_dt_norm, ssm_b_norm, ssm_c_norm, ssm_out.
  Plamo2Mamba(const Weights& w, const ModelConfig& config, int layer, const SsmConfig& ssm);
  static StateSize state_size(const ModelConfig& config, const SsmConfig& ssm);

  Tensor run(Ops& f, const Tensor& x, const Batch& batch, KvCache& cache) const override;

 private:
  const int layer_;
  const SsmConfig ssm_;
  const int64_t rank_;  // of the steps' projection
  const float epsilon_;
  Linear in_, x_, dt_, out_;
  Convolution convolution_;
  Tensor dt_bias_, rate_, skip_, dt_norm_, b_norm_, c_norm_;
};

}  // namespace loam
