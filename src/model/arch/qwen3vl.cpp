// Qwen3-VL (text): Qwen3's layer; in a text all three axes of a position are one. arXiv 2511.21631.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_qwen3vl(const Weights& w, ModelConfig& c) {
  const LayerSpec layer{
      .attention = {.rope = bind_rope(w, c.rope, RopePairs::halves), .head_norms = {.over = HeadNormSpec::head}}};
  return {.layers = every_layer(c, layer)};
}

}  // namespace

std::unique_ptr<Model> make_qwen3vl(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_qwen3vl);
}

}  // namespace loam
