// Ling (Bailing): Llama's attention, a softmax router and experts for every token in each layer. arXiv 2503.05139.
#include <cmath>

#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_bailingmoe(const Weights& w, ModelConfig& c) {
  LayerSpec layer{.attention = {.rope = bind_rope(w, c.rope, RopePairs::adjacent),
                                .scale = 1 / std::sqrt(static_cast<float>(c.rope.n_rotated))},
                  .experts = experts_of(c)};
  layer.experts->options.scoring = Scoring::softmax;
  layer.experts->shared = SharedExpert::plain;
  return {.layers = every_layer(c, layer)};
}

}  // namespace

std::unique_ptr<Model> make_bailingmoe(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_bailingmoe);
}

}  // namespace loam
