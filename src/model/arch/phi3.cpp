// Phi-3 and Phi-4: Llama's layer with Q, K and V, and gate and up, joined in one matrix each, and LongRoPE.
// arXiv 2404.14219.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_phi3(const Weights& w, ModelConfig& c) {
  c.sliding_window = 0;  // files say what their models do not do
  const LayerSpec layer{.attention = {.rope = bind_rope(w, c.rope, RopePairs::halves)}};
  return {.layers = every_layer(c, layer)};
}

}  // namespace

std::unique_ptr<Model> make_phi3(const Weights& weights) { return std::make_unique<Decoder>(weights, describe_phi3); }

}  // namespace loam
