// Kimi Linear: Kimi Delta Attention, and latent attention without rotations in some layers; experts beside shared ones
// behind the first layers. arXiv 2510.26692.
#include <cmath>
#include <vector>

#include "model/arch/list.h"
#include "model/parts/decoder.h"
#include "model/parts/kimi_delta.h"
#include "model/parts/latent_attention.h"

namespace loam {
namespace {

DecoderSpec describe_kimi_linear(const Weights& w, ModelConfig& c) {
  const KimiDeltaSizes sizes = KimiDeltaSizes::read(w.metadata(), c);
  // The part of keys that elsewhere rotates is there, but stands still.
  const auto n_rotated = static_cast<size_t>(c.rope.n_rotated);
  const LatentAttentionSpec attention{
      .rope = {.n_rotated = c.rope.n_rotated, .inverse_frequencies = std::vector<float>(n_rotated / 2, 0.0f)},
      .scale = 1 / std::sqrt(static_cast<float>(c.mla.key_length > 0 ? c.mla.key_length : c.head_dim))};
  ExpertsSpec experts = experts_of(c);
  experts.options.normalise = true;
  experts.shared = SharedExpert::plain;
  DecoderSpec spec;
  for (int i = 0; i < c.n_layers; ++i) {
    LayerSpec layer;
    if (c.layer(i).n_kv_heads == 0) {
      c.keep_state(i, KimiDelta::state_size(sizes));
      layer.mixer = mixer_of<KimiDelta>(sizes);
    } else {
      layer.mixer = mixer_of<LatentAttention>(attention);
    }
    if (c.has_experts(i)) layer.experts = experts;
    spec.layers.push_back(layer);
  }
  return spec;
}

}  // namespace

std::unique_ptr<Model> make_kimi_linear(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_kimi_linear);
}

}  // namespace loam
