// Ministral 3 and Mistral Small 4's dense kin: Llama's layer, whose queries are sharpened behind the trained length;
// with experts, a softmax router whose chosen weights sum to one. arXiv 2310.06825.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_mistral3(const Weights& w, ModelConfig& c) {
  LayerSpec layer{.attention = {.rope = bind_rope(w, c.rope, RopePairs::adjacent)}};
  const double sharpened = w.metadata().number(c.arch + ".attention.temperature_scale").value_or(0);
  if (sharpened != 0)
    layer.attention.temperature = {.length = c.rope.original_context, .scale = static_cast<float>(sharpened)};
  if (c.n_experts > 0) {
    layer.experts = experts_of(c);
    layer.experts->options.normalise = true;
  }
  return {.layers = every_layer(c, layer)};
}

}  // namespace

std::unique_ptr<Model> make_mistral3(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_mistral3);
}

}  // namespace loam
