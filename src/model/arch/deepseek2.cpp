// DeepSeek-V2, V3 and R1: latent attention, first layers without experts, and experts beside shared ones.
// arXiv 2405.04434, 2412.19437. DeepSeek-V3.2 (arXiv 2512.02556) and GLM-5, whose attention an indexer narrows to the
// best `attention.indexer.top_k` tokens, up to that many: so far it takes them all.
// Mistral Small 4, whose queries are sharpened behind the trained length.
#include <algorithm>
#include <cmath>

#include "model/arch/list.h"
#include "model/parts/decoder.h"
#include "model/parts/latent_attention.h"

namespace loam {
namespace {

// YaRN's stretching sharpens the scores: the magnitude of the rotation, which reaches a part of each head only, is
// taken out of it and multiplies them all.
float latent_scale(const ModelConfig& c) {
  double magnitude = c.rope.attention_factor;
  if (c.rope.scaling == RopeScaling::yarn && c.rope.factor > 1)
    magnitude *= 1 + 0.1 * c.rope.log_multiplier * std::log(c.rope.factor);
  const int head_dim = c.mla.key_length > 0 ? c.mla.key_length : c.head_dim;
  return static_cast<float>(magnitude * magnitude / std::sqrt(head_dim));
}

DecoderSpec describe_deepseek2(const Weights& w, ModelConfig& c) {
  c.rope.log_multiplier *= 10;  // files have a tenth of it
  Rope rope = bind_rope(w, c.rope, RopePairs::adjacent);
  if (c.rope.log_multiplier != 0) rope.attention_factor = static_cast<float>(c.rope.attention_factor);
  const int64_t most = w.metadata().integer(c.arch + ".attention.indexer.top_k", 0, INT32_MAX).value_or(0);
  if (most > 0) c.context_length = std::min(c.context_length, most);
  LatentAttentionSpec attention{.rope = rope, .scale = latent_scale(c), .n_positions = most};
  const double sharpened = w.metadata().number(c.arch + ".attention.temperature_scale").value_or(0);
  if (sharpened != 0)
    attention.temperature = {
        .length = w.metadata().integer(c.arch + ".attention.temperature_length", 1).value_or(c.rope.original_context),
        .scale = static_cast<float>(sharpened)};
  const LayerSpec dense{.mixer = [=](const Weights& layer, const ModelConfig& config, int i) {
    return std::make_unique<LatentAttention>(layer, config, i, attention);
  }};
  DecoderSpec spec{.layers = every_layer(c, dense)};
  for (int i = 0; i < c.n_layers; ++i) {
    if (!c.has_experts(i)) continue;
    ExpertsSpec& experts = spec.layers[static_cast<size_t>(i)].experts.emplace(experts_of(c));
    experts.shared = SharedExpert::plain;
    if (c.arch == "glm-dsa" && c.experts.gating == ExpertGating::unset) experts.options.scoring = Scoring::sigmoid;
  }
  return spec;
}

}  // namespace

std::unique_ptr<Model> make_deepseek2(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_deepseek2);
}

}  // namespace loam
