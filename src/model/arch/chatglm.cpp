// ChatGLM 2 and 3, GLM-4-9B of 2024: multi-query attention with partial rotation, and a feed-forward layer whose gate
// and up are one matrix. arXiv 2406.12793.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_chatglm(const Weights&, ModelConfig& c) {
  const LayerSpec layer{.attention = {.rope = make_rope(c.rope, /*adjacent=*/true)}};
  return {.layers = every_layer(c, layer)};
}

}  // namespace

std::unique_ptr<Model> make_chatglm(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_chatglm);
}

}  // namespace loam
