// Qwen3: Llama's layer plus an RMS norm on every query and key head, and rotation by halves. arXiv 2505.09388.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_qwen3(const Weights& w, ModelConfig& c) {
  const LayerSpec layer{
      .attention = {.rope = bind_rope(w, c.rope, RopePairs::halves), .head_norms = {.over = HeadNormSpec::head}}};
  return {.layers = every_layer(c, layer)};
}

}  // namespace

std::unique_ptr<Model> make_qwen3(const Weights& weights) { return std::make_unique<Decoder>(weights, describe_qwen3); }

}  // namespace loam
