// Step 3.5: layers with a window rotate whole heads, others half of them; a sigmoid gate of each attended head; experts
// picked by sigmoids with a bias, and a shared one.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

// Of rope_freqs, which has one number for each pair of a whole head, the first n; empty where the file has none.
std::vector<float> rope_factors_of(const Weights& w, int64_t n) {
  const TensorInfo* info = w.file().find("rope_freqs.weight");
  if (!info || info->shape.rank() != 1 || info->shape.cols() < n) return {};
  const Tensor factors = w.vector("rope_freqs", info->shape);
  return factors ? std::vector<float>(factors.f32(), factors.f32() + n) : std::vector<float>{};
}

DecoderSpec describe_step35(const Weights& w, ModelConfig& c) {
  c.rope.n_rotated /= 2;
  const Rope rope = make_rope(c.rope, /*adjacent=*/false, rope_factors_of(w, c.rope.n_rotated / 2));
  const Rope sliding_rope = make_rope(c.sliding_rope, /*adjacent=*/false);
  ExpertsSpec experts = experts_of(c);
  if (c.experts.gating == ExpertGating::unset) experts.options.scoring = Scoring::sigmoid;
  experts.shared = SharedExpert::plain;
  DecoderSpec spec;
  for (int i = 0; i < c.n_layers; ++i) {
    const Weights layer = w.scope("blk", i);
    const bool gated = layer.has("attn_gate");
    spec.layers.push_back({.attention = {.rope = c.layer(i).sliding ? sliding_rope : rope,
                                         .head_norms = {.over = HeadNormSpec::head, .optional = true},
                                         .gate = gated ? AttentionGate::of_head : AttentionGate::none}});
    if (layer.has("ffn_gate_inp")) spec.layers.back().experts = experts;
  }
  return spec;
}

}  // namespace

std::unique_ptr<Model> make_step35(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_step35);
}

}  // namespace loam
