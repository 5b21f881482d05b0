// gpt-oss: sinks in the softmax of its attention, a sliding window in every other layer, and experts with biases and a
// clamped gate. arXiv 2508.10925.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_gpt_oss(const Weights& w, ModelConfig& c) {
  c.slide_by_default(2);
  const Rope rope = bind_rope(w, c.rope, RopePairs::halves), sliding = bind_rope(w, c.sliding_rope, RopePairs::halves);
  ExpertsSpec experts = experts_of(c);
  experts.options.normalise = false;
  experts.options.scoring = Scoring::softmax_of_chosen;
  experts.options.activation = {.kind = Activation::swiglu_oai, .limit = 7, .alpha_positive = 1.702f};
  DecoderSpec spec{.norms = {.before_ffn = "post_attention_norm"}};
  for (const LayerConfig& layer : c.layers)
    spec.layers.push_back({.attention = {.rope = layer.sliding ? sliding : rope, .sinks = true}, .experts = experts});
  return spec;
}

}  // namespace

std::unique_ptr<Model> make_gpt_oss(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_gpt_oss);
}

}  // namespace loam
