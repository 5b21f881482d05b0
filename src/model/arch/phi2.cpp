// Phi-1 and Phi-2: attention and a plain feed-forward layer read the same layer norm; biases everywhere, a partial
// rotation. arXiv 2309.05463.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_phi2(const Weights& w, ModelConfig& c) {
  const LayerSpec layer{.attention = {.rope = bind_rope(w, c.rope, RopePairs::halves)},
                        .ffn = {.activation = {Activation::gelu}, .gated = false}};
  return {
      .layers = every_layer(c, layer), .norm = NormKind::layer, .norms = {.before_ffn = "attn_norm"}, .parallel = true};
}

}  // namespace

std::unique_ptr<Model> make_phi2(const Weights& weights) { return std::make_unique<Decoder>(weights, describe_phi2); }

}  // namespace loam
