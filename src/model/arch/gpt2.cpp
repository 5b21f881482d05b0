// GPT-2: learned positions, layer norms, and plain feed-forward layers. Radford et al., Language Models are
// Unsupervised Multitask Learners, 2019.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_gpt2(const Weights&, ModelConfig& c) {
  const LayerSpec layer{.ffn = {.activation = {Activation::gelu}, .gated = false}};
  return {.layers = every_layer(c, layer), .norm = NormKind::layer, .positions = true};
}

}  // namespace

std::unique_ptr<Model> make_gpt2(const Weights& weights) { return std::make_unique<Decoder>(weights, describe_gpt2); }

}  // namespace loam
