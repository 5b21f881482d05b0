// Arcee's AFM: Llama's layer with a plain feed-forward layer between whose halves a ReLU is squared.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_arcee(const Weights& w, ModelConfig& c) {
  const LayerSpec layer{.attention = {.rope = bind_rope(w, c.rope, RopePairs::adjacent)},
                        .ffn = {.activation = {Activation::relu_squared}, .gated = false}};
  return {.layers = every_layer(c, layer)};
}

}  // namespace

std::unique_ptr<Model> make_arcee(const Weights& weights) { return std::make_unique<Decoder>(weights, describe_arcee); }

}  // namespace loam
