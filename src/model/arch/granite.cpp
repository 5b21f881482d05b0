// Granite 3 and 4: Llama's layer, with the embedding, scores, each half of a layer and the logits scaled; where the
// file says so, a softmax router whose chosen weights sum to one, and a shared expert. IBM, Granite 3.0 Language
// Models, 2024.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

// Files called "granite" may say that nothing rotates.
bool granite_rotates(const Weights& w, const ModelConfig& c) {
  return c.arch != "granite" || w.metadata().boolean("granite.rope.scaling.finetuned").value_or(true);
}

DecoderSpec describe_granite(const Weights& w, ModelConfig& c) {
  const auto or_one = [](float given) { return given != 0 ? given : 1; };
  LayerSpec layer;
  if (granite_rotates(w, c)) layer.attention.rope = bind_rope(w, c.rope, RopePairs::adjacent);
  if (c.n_experts > 0) {
    layer.experts = experts_of(c);
    layer.experts->options.normalise = true;
    layer.experts->options.scoring = Scoring::softmax;
    layer.experts->ffn = c.ffn_dim;
    if (c.experts.shared_ffn_dim > 0) layer.experts->shared = SharedExpert::plain;
  }
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
