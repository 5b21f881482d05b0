// Phi-3.5-MoE: Llama's attention with LongRoPE, norms and projections with biases, and experts whose weights sum to
// one. arXiv 2404.14219.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_phimoe(const Weights& w, ModelConfig& c) {
  c.sliding_window = 0;
  LayerSpec layer{.attention = {.rope = bind_rope(w, c.rope, RopePairs::halves)}, .experts = experts_of(c)};
  layer.experts->options.normalise = true;
  return {.layers = every_layer(c, layer)};
}

}  // namespace

std::unique_ptr<Model> make_phimoe(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_phimoe);
}

}  // namespace loam
