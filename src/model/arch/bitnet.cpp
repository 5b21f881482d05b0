// BitNet b1.58: Llama's layer rotated by halves, with a norm before the last projection of each half. arXiv 2402.17764.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_bitnet(const Weights&, ModelConfig& c) {
  const LayerSpec layer{.attention = {.rope = make_rope(c.rope, /*adjacent=*/false), .inner_norm = "attn_sub_norm"},
                        .ffn = {.inner_norm = "ffn_sub_norm"}};
  return {.layers = every_layer(c, layer)};
}

}  // namespace

std::unique_ptr<Model> make_bitnet(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_bitnet);
}

}  // namespace loam
