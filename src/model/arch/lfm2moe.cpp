// LFM2 with experts behind the first layers.
#include "model/arch/list.h"
#include "model/parts/lfm2.h"

namespace loam {
namespace {

DecoderSpec describe_lfm2moe(const Weights& w, ModelConfig& c) {
  DecoderSpec spec = describe_lfm2(w, c);
  ExpertsSpec experts = experts_of(c);
  experts.options.normalise = true;
  for (int i = c.experts.n_leading_dense; i < c.n_layers; ++i) spec.layers[static_cast<size_t>(i)].experts = experts;
  return spec;
}

}  // namespace

std::unique_ptr<Model> make_lfm2moe(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_lfm2moe);
}

}  // namespace loam
