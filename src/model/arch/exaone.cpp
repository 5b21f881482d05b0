// EXAONE 3: Llama's layer, rotated by halves, with Llama-3's factors. arXiv 2408.03541.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_exaone(const Weights& w, ModelConfig& c) {
  const LayerSpec layer{.attention = {.rope = bind_rope(w, c.rope, RopePairs::halves)}};
  return {.layers = every_layer(c, layer)};
}

}  // namespace

std::unique_ptr<Model> make_exaone(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_exaone);
}

}  // namespace loam
