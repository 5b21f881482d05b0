// Laguna: Qwen3's attention with a softplus gate of what was attended, for each head or each feature; one layer that
// sees everything to three with a window, whose rotation is not stretched; dense layers first, then experts picked by
// sigmoids with a bias, beside a shared one. https://huggingface.co/poolside.
#include <string>

#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

// As wide as the file's tensor, which the attention checks.
AttentionGate laguna_gate(const Weights& w, const ModelConfig& c, int i) {
  const TensorInfo* info = w.file().find("blk." + std::to_string(i) + ".attn_gate.weight");
  return info && info->shape.rows() == c.layer(i).n_heads ? AttentionGate::of_head : AttentionGate::own;
}

DecoderSpec describe_laguna(const Weights& w, ModelConfig& c) {
  constexpr int kFullAttentionPeriod = 4;
  if (c.sliding_window > 0) c.slide_by_default(kFullAttentionPeriod, /*full_first=*/true);
  const Rope rope = make_rope(c.rope, /*adjacent=*/false);
  const RopeConfig plain{.n_rotated = c.sliding_rope.n_rotated, .base = c.sliding_rope.base};
  const Rope sliding_rope = make_rope(plain, /*adjacent=*/false);
  ExpertsSpec experts = experts_of(c);
  if (c.experts.gating == ExpertGating::unset) experts.options.scoring = Scoring::sigmoid;
  experts.shared = SharedExpert::plain;
  DecoderSpec spec;
  for (int i = 0; i < c.n_layers; ++i) {
    spec.layers.push_back({.attention = {.rope = c.window(i) > 0 ? sliding_rope : rope,
                                         .head_norms = {.over = HeadNormSpec::head},
                                         .gate = laguna_gate(w, c, i),
                                         .gate_activation = {Activation::softplus}}});
    if (c.has_experts(i)) spec.layers.back().experts = experts;
  }
  return spec;
}

}  // namespace

std::unique_ptr<Model> make_laguna(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_laguna);
}

}  // namespace loam
