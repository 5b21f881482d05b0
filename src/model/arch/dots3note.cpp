// dots.note: latent attention of two shapes, in layers with a window and in layers that see everything, with a norm of
// the rotated key and a gate of each head; dense layers first, then experts beside a shared one. An index picks the
// tokens that full attention reads; contexts are as long as it picks all. https://huggingface.co/rednote-hilab.
#include <algorithm>
#include <cmath>
#include <string>

#include "model/arch/list.h"
#include "model/parts/decoder.h"
#include "model/parts/latent_attention.h"

namespace loam {
namespace {

// Layers with a window have a latent vector and heads of their own sizes.
MlaConfig sliding_latent(const Weights& w, const ModelConfig& c) {
  const auto size = [&](const char* name, int most) {
    return static_cast<int>(w.metadata().require_integer(c.arch + ".attention." + name, 1, most));
  };
  constexpr int kMost = 8192;
  return {.q_rank = c.mla.q_rank,
          .kv_rank = size("kv_lora_rank_swa", kMost),
          .key_length = size("key_length_mla_swa", kMost),
          .value_length = size("value_length_mla_swa", kMost)};
}

DecoderSpec describe_dots3note(const Weights& w, ModelConfig& c) {
  const int64_t most = w.metadata().integer(c.arch + ".attention.indexer.top_k", 1, INT32_MAX).value_or(INT32_MAX);
  c.context_length = std::min(c.context_length, most);
  const MlaConfig sliding = sliding_latent(w, c);
  const Rope rope = bind_rope(w, c.rope, RopePairs::adjacent),
             sliding_rope = bind_rope(w, c.sliding_rope, RopePairs::adjacent);
  ExpertsSpec experts = experts_of(c);
  experts.shared = SharedExpert::plain;
  DecoderSpec spec;
  for (int i = 0; i < c.n_layers; ++i) {
    const bool slides = c.layer(i).sliding;
    const int key_length = slides ? sliding.key_length : c.mla.key_length;
    const LatentAttentionSpec attention{.rope = slides ? sliding_rope : rope,
                                        .scale = 1 / std::sqrt(static_cast<float>(key_length)),
                                        .key_norm = true,
                                        .gate = AttentionGate::of_head,
                                        .n_positions = slides ? 0 : most};
    spec.layers.push_back({.mixer = [=](const Weights& layer, const ModelConfig& config, int at) {
      ModelConfig own = config;
      if (slides) own.mla = sliding;
      return std::make_unique<LatentAttention>(layer, own, at, attention);
    }});
    if (c.has_experts(i)) spec.layers.back().experts = experts;
  }
  return spec;
}

}  // namespace

std::unique_ptr<Model> make_dots3note(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_dots3note);
}

}  // namespace loam
