// Qwen2-VL (text): Qwen2's layer; in a text all three axes of a position are one. arXiv 2409.12191.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_qwen2vl(const Weights& w, ModelConfig& c) {
  const LayerSpec layer{.attention = {.rope = bind_rope(w, c.rope, RopePairs::halves)}};
  return {.layers = every_layer(c, layer), .head_bias = false};
}

}  // namespace

std::unique_ptr<Model> make_qwen2vl(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_qwen2vl);
}

}  // namespace loam
