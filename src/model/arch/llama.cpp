// Llama 2 and 3, Mistral, SmolLM2; with experts, Mixtral, whose router's chosen weights sum to one.
// Touvron et al., arXiv 2302.13971, 2307.09288; Jiang et al., arXiv 2401.04088.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_llama(const Weights& w, ModelConfig& c) {
  LayerSpec layer{.attention = {.rope = bind_rope(w, c.rope, RopePairs::adjacent)}};
  if (c.n_experts > 0) {
    layer.experts = experts_of(c);
    layer.experts->options.normalise = true;
  }
  return {.layers = every_layer(c, layer)};
}

}  // namespace

std::unique_ptr<Model> make_llama(const Weights& weights) { return std::make_unique<Decoder>(weights, describe_llama); }

}  // namespace loam
