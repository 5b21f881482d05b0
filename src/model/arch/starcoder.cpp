// StarCoder and SantaCoder: learned positions, layer norms, biases, multi-query attention and a plain feed-forward
// layer with GELU. arXiv 2305.06161.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_starcoder(const Weights&, ModelConfig& c) {
  const LayerSpec layer{.ffn = {.activation = {Activation::gelu}, .gated = false}};
  return {.layers = every_layer(c, layer), .norm = NormKind::layer, .positions = true};
}

}  // namespace

std::unique_ptr<Model> make_starcoder(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_starcoder);
}

}  // namespace loam
