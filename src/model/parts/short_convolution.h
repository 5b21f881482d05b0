// LFM2's short convolution: b·x is convolved with what a few tokens before it left, and multiplied by c.
#pragma once

#include "model/model_config.h"
#include "model/parts/mixer.h"
#include "model/weights.h"
#include "ops/state_ops.h"

namespace loam {

class ShortConvolution final : public Mixer {
 public:
  // Reads shortconv.in_proj, shortconv.conv and shortconv.out_proj.
  ShortConvolution(const Weights& w, const ModelConfig& config, int layer, int kernel);
  static StateSize state_size(const ModelConfig& config, int kernel);

  Tensor run(Ops& f, const Tensor& x, const Batch& batch, KvCache& cache) const override;

 private:
  const int layer_;
  const int64_t dim_;
  Linear in_, out_;
  Convolution convolution_;
};

}  // namespace loam
