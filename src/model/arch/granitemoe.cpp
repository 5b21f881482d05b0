// Granite 3 and 4 with experts: Granite's scaled layer, a softmax router whose chosen weights sum to one, and, where
// the file says so, a shared expert. IBM, Granite 3.0 Language Models, 2024.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_granitemoe(const Weights& w, ModelConfig& c) {
  const bool rotates = w.metadata().boolean(c.arch + ".rope.scaling.finetuned").value_or(true);
  const auto or_one = [](float given) { return given != 0 ? given : 1; };
  LayerSpec layer;
  if (rotates) layer.attention.rope = bind_rope(w, c.rope, RopePairs::adjacent);
  layer.experts = experts_of(c);
  layer.experts->options.normalise = true;
  if (c.experts.shared_ffn_dim > 0) layer.experts->shared = SharedExpert::plain;
  return {.layers = every_layer(c, layer),
          .embedding_scale = or_one(c.scales.embedding),
          .residual_scale = or_one(c.scales.residual),
          .logit_scale = 1 / or_one(c.scales.logit)};
}

}  // namespace

std::unique_ptr<Model> make_granitemoe(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_granitemoe);
}

}  // namespace loam
