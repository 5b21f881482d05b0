// Pocket TTS (the language model in it): layer norms, rotation, and a plain feed-forward layer with GELU.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_pockettts(const Weights&, ModelConfig& c) {
  const LayerSpec layer{.attention = {.rope = make_rope(c.rope, /*adjacent=*/true)},
                        .ffn = {.activation = {Activation::gelu}, .gated = false}};
  return {.layers = every_layer(c, layer), .norm = NormKind::layer};
}

}  // namespace

std::unique_ptr<Model> make_pockettts(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_pockettts);
}

}  // namespace loam
