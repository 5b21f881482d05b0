// OLMo: Llama's layer with layer norms that have no weights, and clamped queries, keys and values. arXiv 2402.00838.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_olmo(const Weights& w, ModelConfig& c) {
  const LayerSpec layer{.attention = {.rope = bind_rope(w, c.rope, RopePairs::adjacent), .clamp = c.clamp_qkv}};
  return {.layers = every_layer(c, layer), .norm = NormKind::layer, .weighted_norms = false};
}

}  // namespace

std::unique_ptr<Model> make_olmo(const Weights& weights) { return std::make_unique<Decoder>(weights, describe_olmo); }

}  // namespace loam
