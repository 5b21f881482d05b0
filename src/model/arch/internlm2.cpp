// InternLM 2: Llama's layer. arXiv 2403.17297.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_internlm2(const Weights& w, ModelConfig& c) {
  const LayerSpec layer{.attention = {.rope = bind_rope(w, c.rope, RopePairs::adjacent)}};
  return {.layers = every_layer(c, layer)};
}

}  // namespace

std::unique_ptr<Model> make_internlm2(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_internlm2);
}

}  // namespace loam
