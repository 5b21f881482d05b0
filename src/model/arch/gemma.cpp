// Gemma: Llama's layer with GeGLU, and an embedding scaled by √dim. arXiv 2403.08295.
#include <cmath>

#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_gemma(const Weights& w, ModelConfig& c) {
  const LayerSpec layer{.attention = {.rope = bind_rope(w, c.rope, RopePairs::halves)},
                        .ffn = {.activation = {Activation::gelu}}};
  return {.layers = every_layer(c, layer), .embedding_scale = std::sqrt(static_cast<float>(c.dim))};
}

}  // namespace

std::unique_ptr<Model> make_gemma(const Weights& weights) { return std::make_unique<Decoder>(weights, describe_gemma); }

}  // namespace loam
