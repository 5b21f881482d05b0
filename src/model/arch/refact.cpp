// Refact: Llama's layer, with ALiBi instead of a rotation. https://huggingface.co/smallcloudai/Refact-1_6B-fim.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_refact(const Weights&, ModelConfig& c) {
  const LayerSpec layer{.attention = {.max_alibi_bias = 8, .output_bias = false}, .ffn = {.biases = false}};
  return {.layers = every_layer(c, layer)};
}

}  // namespace

std::unique_ptr<Model> make_refact(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_refact);
}

}  // namespace loam
