// PLaMo: attention and feed-forward layer read the same RMS norm. Preferred Networks, PLaMo-13B, 2023.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_plamo(const Weights& w, ModelConfig& c) {
  const LayerSpec layer{.attention = {.rope = bind_rope(w, c.rope, RopePairs::halves)}};
  return {.layers = every_layer(c, layer), .norms = {.before_ffn = "attn_norm"}, .parallel = true};
}

}  // namespace

std::unique_ptr<Model> make_plamo(const Weights& weights) { return std::make_unique<Decoder>(weights, describe_plamo); }

}  // namespace loam
