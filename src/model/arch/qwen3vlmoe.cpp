// Qwen3-VL with experts (text): Qwen3's attention, and a softmax router whose chosen weights sum to one.
// arXiv 2511.21631.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_qwen3vlmoe(const Weights& w, ModelConfig& c) {
  LayerSpec layer{
      .attention = {.rope = bind_rope(w, c.rope, RopePairs::halves), .head_norms = {.over = HeadNormSpec::head}},
      .experts = experts_of(c)};
  layer.experts->options.normalise = true;
  return {.layers = every_layer(c, layer)};
}

}  // namespace

std::unique_ptr<Model> make_qwen3vlmoe(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_qwen3vlmoe);
}

}  // namespace loam
