// CodeShell: layer norms, biases, rotation by halves, and a plain feed-forward layer with GELU. arXiv 2403.15747.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_codeshell(const Weights&, ModelConfig& c) {
  const LayerSpec layer{.attention = {.rope = make_rope(c.rope, /*adjacent=*/false)},
                        .ffn = {.activation = {Activation::gelu}, .gated = false}};
  return {.layers = every_layer(c, layer), .norm = NormKind::layer};
}

}  // namespace

std::unique_ptr<Model> make_codeshell(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_codeshell);
}

}  // namespace loam
