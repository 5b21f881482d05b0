// PLM: latent attention whose cache keeps unfolded heads, and sparse feed-forward layers of squared ReLU.
// arXiv 2503.12167.
#include <cmath>

#include "model/arch/list.h"
#include "model/parts/decoder.h"
#include "model/parts/latent_attention.h"

namespace loam {
namespace {

DecoderSpec describe_plm(const Weights& w, ModelConfig& c) {
  const LatentAttentionSpec attention{.rope = bind_rope(w, c.rope, RopePairs::adjacent),
                                      .scale = 1 / std::sqrt(static_cast<float>(c.head_dim))};
  const LayerSpec layer{.mixer = mixer_of<LatentAttention>(attention),
                        .ffn = {.activation = {Activation::relu_squared}, .gated = false}};
  return {.layers = every_layer(c, layer)};
}

}  // namespace

std::unique_ptr<Model> make_plm(const Weights& weights) { return std::make_unique<Decoder>(weights, describe_plm); }

}  // namespace loam
