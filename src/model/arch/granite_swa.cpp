// Granite with windows: Granite's scaled layer, with attention sinks, and layers with a window or without a rotation
// where the file says so.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_granite_swa(const Weights& w, ModelConfig& c) {
  const AttentionSpec attention{.rope = bind_rope(w, c.rope, RopePairs::adjacent),
                                .sinks = w.scope("blk", 0).has("attn_sinks")};
  const MetaValue* pattern = w.metadata().find(c.arch + ".attention.rope_pattern");
  const bool differs = pattern && pattern->type == MetaType::array;
  const auto* rotates = differs ? w.metadata().integers(c.arch + ".attention.rope_pattern") : nullptr;
  const auto or_one = [](float scale) { return scale != 0 ? scale : 1; };
  DecoderSpec spec{.embedding_scale = or_one(c.scales.embedding),
                   .residual_scale = or_one(c.scales.residual),
                   .logit_scale = 1 / or_one(c.scales.logit)};
  for (int i = 0; i < c.n_layers; ++i) {
    spec.layers.push_back({.attention = attention});
    if (rotates && i < std::ssize(*rotates)) c.layer(i).rope = (*rotates)[static_cast<size_t>(i)] != 0;
    if (c.n_experts > 0) spec.layers.back().experts = experts_of(c);
    if (c.n_experts > 0) spec.layers.back().experts->options.normalise = true;
    if (c.n_experts > 0 && c.experts.shared_ffn_dim > 0) spec.layers.back().experts->shared = SharedExpert::plain;
  }
  return spec;
}

}  // namespace

std::unique_ptr<Model> make_granite_swa(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_granite_swa);
}

}  // namespace loam
