// MiniCPM 3: latent attention whose cache keeps unfolded heads, LongRoPE, and MiniCPM's scales. arXiv 2404.06395.
#include <cmath>

#include "model/arch/list.h"
#include "model/parts/decoder.h"
#include "model/parts/latent_attention.h"

namespace loam {
namespace {

DecoderSpec describe_minicpm3(const Weights& w, ModelConfig& c) {
  const LatentAttentionSpec attention{.rope = bind_rope(w, c.rope, RopePairs::halves),
                                      .scale = 1 / std::sqrt(static_cast<float>(c.head_dim))};
  const LayerSpec layer{.mixer = [=](const Weights& of_layer, const ModelConfig& config, int i) {
    return std::make_unique<LatentAttention>(of_layer, config, i, attention);
  }};
  return {.layers = every_layer(c, layer),
          .embedding_scale = 12,
          .residual_scale = 1.4f / std::sqrt(static_cast<float>(c.n_layers)),
          .logit_scale = 256 / static_cast<float>(c.dim)};
}

}  // namespace

std::unique_ptr<Model> make_minicpm3(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_minicpm3);
}

}  // namespace loam
