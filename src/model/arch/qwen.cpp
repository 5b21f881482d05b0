// Qwen (1): Llama's layer with Q, K and V in one matrix and biases on them, rotated by halves. arXiv 2309.16609.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_qwen(const Weights& w, ModelConfig& c) {
  for (LayerConfig& layer : c.layers) layer.ffn_dim /= 2;  // files count gate and up together
  c.ffn_dim /= 2;
  const LayerSpec layer{.attention = {.rope = bind_rope(w, c.rope, RopePairs::halves)}};
  return {.layers = every_layer(c, layer)};
}

}  // namespace

std::unique_ptr<Model> make_qwen(const Weights& weights) { return std::make_unique<Decoder>(weights, describe_qwen); }

}  // namespace loam
