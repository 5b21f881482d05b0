// Muse Glimmer: the embedding normed, norms before and after each half of a layer, a gate of what was attended, and
// three layers with a window to each that sees everything; only layers with a window rotate.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_muse_glimmer(const Weights&, ModelConfig& c) {
  constexpr int kFullAttentionPeriod = 4;
  c.slide_by_default(kFullAttentionPeriod);
  const Rope rope = make_rope(c.sliding_rope, /*adjacent=*/true);
  DecoderSpec spec{.norms = {.after_mixer = "post_attention_norm", .after_ffn = "post_ffw_norm"},
                   .after_epsilon = 1e-8f,
                   .norms_embedding = true,
                   .logit_scale = c.scales.logit != 0 ? c.scales.logit : 1,
                   .final_softcap = c.final_softcap};
  for (const LayerConfig& layer : c.layers)
    spec.layers.push_back({.attention = {.rope = layer.sliding ? rope : Rope{},
                                         .head_norms = {.over = HeadNormSpec::head},
                                         .gate = AttentionGate::own}});
  return spec;
}

}  // namespace

std::unique_ptr<Model> make_muse_glimmer(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_muse_glimmer);
}

}  // namespace loam
