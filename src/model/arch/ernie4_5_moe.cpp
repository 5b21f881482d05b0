// ERNIE 4.5 with experts: dense layers first, then every n-th with a softmax router whose bias picks and does not
// weigh, and a shared expert. Baidu, ERNIE 4.5 technical report, 2025.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_ernie4_5_moe(const Weights& w, ModelConfig& c) {
  const Rope rope = bind_rope(w, c.rope, RopePairs::adjacent);
  ExpertsSpec experts = experts_of(c);
  experts.options.normalise = true;
  experts.options.scoring = Scoring::softmax;
  if (c.experts.shared_ffn_dim > 0) experts.shared = SharedExpert::plain;
  DecoderSpec spec;
  for (int i = 0; i < c.n_layers; ++i) {
    spec.layers.push_back({.attention = {.rope = rope, .output_bias = false}});
    if (c.has_experts(i)) spec.layers.back().experts = experts;
  }
  return spec;
}

}  // namespace

std::unique_ptr<Model> make_ernie4_5_moe(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_ernie4_5_moe);
}

}  // namespace loam
