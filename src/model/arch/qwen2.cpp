// Qwen2 and Qwen2.5: Llama's layer with biases on Q, K and V, and rotation by halves. arXiv 2407.10671.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_qwen2(const Weights& w, ModelConfig& c) {
  const LayerSpec layer{.attention = {.rope = bind_rope(w, c.rope, RopePairs::halves)}};
  return {.layers = every_layer(c, layer)};
}

}  // namespace

std::unique_ptr<Model> make_qwen2(const Weights& weights) { return std::make_unique<Decoder>(weights, describe_qwen2); }

}  // namespace loam
