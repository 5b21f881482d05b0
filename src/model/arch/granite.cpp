// Granite 3 and 4 without experts: Llama's layer, with the embedding, scores, each half of a layer and the logits
// scaled. IBM, Granite 3.0 Language Models, 2024.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_granite(const Weights& w, ModelConfig& c) {
  const bool rotates = w.metadata().boolean(c.arch + ".rope.scaling.finetuned").value_or(true);
  const auto or_one = [](float given) { return given != 0 ? given : 1; };
  LayerSpec layer;
  if (rotates) layer.attention.rope = bind_rope(w, c.rope, RopePairs::adjacent);
  return {.layers = every_layer(c, layer),
          .embedding_scale = or_one(c.scales.embedding),
          .residual_scale = or_one(c.scales.residual),
          .logit_scale = 1 / or_one(c.scales.logit)};
}

}  // namespace

std::unique_ptr<Model> make_granite(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_granite);
}

}  // namespace loam
