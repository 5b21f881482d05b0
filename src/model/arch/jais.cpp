// Jais: ALiBi, layer norms, biases, queries scaled by 1/head_dim (µP), and SwiGLU. arXiv 2308.16149.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_jais(const Weights&, ModelConfig& c) {
  const LayerSpec layer{.attention = {.scale = 1 / static_cast<float>(c.head_dim), .max_alibi_bias = c.max_alibi_bias}};
  return {.layers = every_layer(c, layer), .norm = NormKind::layer};
}

}  // namespace

std::unique_ptr<Model> make_jais(const Weights& weights) { return std::make_unique<Decoder>(weights, describe_jais); }

}  // namespace loam
