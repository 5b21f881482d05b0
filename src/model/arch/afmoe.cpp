// Arcee's Trinity (AFMoE): three layers with a window to each that sees everything and rotates nothing; a gate of what
// was attended; norms before and after each half; dense layers first, then experts picked by sigmoids with a bias.
#include <cmath>

#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_afmoe(const Weights&, ModelConfig& c) {
  constexpr int kFullAttentionPeriod = 4;
  c.slide_by_default(c.sliding_window > 0 ? kFullAttentionPeriod : 1);
  ExpertsSpec experts = experts_of(c);
  if (c.experts.gating == ExpertGating::unset) experts.options.scoring = Scoring::sigmoid;
  if (c.experts.n_shared > 0) experts.shared = SharedExpert::plain;
  const Rope rope = make_rope(c.rope, /*adjacent=*/false), sliding_rope = make_rope(c.sliding_rope, /*adjacent=*/false);
  DecoderSpec spec{.norms = {.after_mixer = "post_attention_norm", .after_ffn = "post_ffw_norm"},
                   .embedding_scale = std::sqrt(static_cast<float>(c.dim))};
  for (int i = 0; i < c.n_layers; ++i) {
    const bool rotates = (i + 1) % kFullAttentionPeriod != 0;
    spec.layers.push_back({.attention = {.rope = !rotates             ? Rope{}
                                                 : c.layer(i).sliding ? sliding_rope
                                                                      : rope,
                                         .head_norms = {.over = HeadNormSpec::head},
                                         .gate = AttentionGate::own}});
    if (c.has_experts(i)) spec.layers.back().experts = experts;
  }
  return spec;
}

}  // namespace

std::unique_ptr<Model> make_afmoe(const Weights& weights) { return std::make_unique<Decoder>(weights, describe_afmoe); }

}  // namespace loam
