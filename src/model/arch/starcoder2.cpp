// StarCoder 2: layer norms, biases everywhere, plain feed-forward layers, and rotation by halves. arXiv 2402.19173.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_starcoder2(const Weights& w, ModelConfig& c) {
  const LayerSpec layer{.attention = {.rope = bind_rope(w, c.rope, RopePairs::halves)},
                        .ffn = {.activation = {Activation::gelu}, .gated = false}};
  return {.layers = every_layer(c, layer), .norm = NormKind::layer};
}

}  // namespace

std::unique_ptr<Model> make_starcoder2(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_starcoder2);
}

}  // namespace loam
