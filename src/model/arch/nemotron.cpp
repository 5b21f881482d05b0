// Nemotron and Minitron: layer norms, a partial rotation, and a plain feed-forward layer between whose halves a ReLU is
// squared. arXiv 2402.16819.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_nemotron(const Weights& w, ModelConfig& c) {
  const LayerSpec layer{.attention = {.rope = bind_rope(w, c.rope, RopePairs::halves)},
                        .ffn = {.activation = {Activation::relu_squared}, .gated = false}};
  return {.layers = every_layer(c, layer), .norm = NormKind::layer};
}

}  // namespace

std::unique_ptr<Model> make_nemotron(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_nemotron);
}

}  // namespace loam
