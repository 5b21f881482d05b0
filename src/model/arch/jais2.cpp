// Jais 2: layer norms, biases, rotation by halves, and a plain feed-forward layer between whose halves a ReLU is
// squared.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_jais2(const Weights&, ModelConfig& c) {
  const LayerSpec layer{.attention = {.rope = make_rope(c.rope, /*adjacent=*/false)},
                        .ffn = {.activation = {Activation::relu_squared}, .gated = false}};
  return {.layers = every_layer(c, layer), .norm = NormKind::layer};
}

}  // namespace

std::unique_ptr<Model> make_jais2(const Weights& weights) { return std::make_unique<Decoder>(weights, describe_jais2); }

}  // namespace loam
