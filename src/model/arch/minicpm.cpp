// MiniCPM: Llama's layer, with the embedding, each half of a layer and the logits scaled. arXiv 2404.06395.
#include <cmath>

#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_minicpm(const Weights& w, ModelConfig& c) {
  const auto or_default = [](float given, float otherwise) { return given != 0 ? given : otherwise; };
  LayerSpec layer{.attention = {.rope = bind_rope(w, c.rope, RopePairs::adjacent)}};
  if (c.n_experts > 0) {
    layer.experts = experts_of(c);
    layer.experts->options.normalise = true;
  }
  return {.layers = every_layer(c, layer),
          .embedding_scale = or_default(c.scales.embedding, 12),
          .residual_scale = or_default(c.scales.residual, 1.4f / std::sqrt(static_cast<float>(c.n_layers))),
          .logit_scale = 1 / or_default(c.scales.logit, 256 / static_cast<float>(c.dim))};
}

}  // namespace

std::unique_ptr<Model> make_minicpm(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_minicpm);
}

}  // namespace loam
