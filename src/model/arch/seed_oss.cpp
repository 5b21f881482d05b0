// Seed-OSS: Llama's layer with biases on Q, K and V, rotated by halves; what llama.cpp's converter calls the norm after
// attention stands before the feed-forward layer.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_seed_oss(const Weights&, ModelConfig& c) {
  const LayerSpec layer{.attention = {.rope = make_rope(c.rope, /*adjacent=*/false)}};
  return {.layers = every_layer(c, layer), .norms = {.before_ffn = "post_attention_norm"}};
}

}  // namespace

std::unique_ptr<Model> make_seed_oss(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_seed_oss);
}

}  // namespace loam
