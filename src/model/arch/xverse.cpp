// XVERSE: Llama's layer. github.com/xverse-ai.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_xverse(const Weights& w, ModelConfig& c) {
  const LayerSpec layer{.attention = {.rope = bind_rope(w, c.rope, RopePairs::adjacent)}};
  return {.layers = every_layer(c, layer)};
}

}  // namespace

std::unique_ptr<Model> make_xverse(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_xverse);
}

}  // namespace loam
