// Falcon: attention and a plain feed-forward layer read the same norm, or, in the larger sizes, each its own.
// arXiv 2311.16867.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_falcon(const Weights& w, ModelConfig& c) {
  const LayerSpec layer{.attention = {.rope = bind_rope(w, c.rope, RopePairs::halves)},
                        .ffn = {.activation = {Activation::gelu}, .gated = false}};
  const bool two_norms = w.scope("blk", 0).has("attn_norm_2");
  return {.layers = every_layer(c, layer),
          .norm = NormKind::layer,
          .norms = {.before_mixer = two_norms ? "attn_norm_2" : "attn_norm", .before_ffn = "attn_norm"},
          .parallel = true};
}

}  // namespace

std::unique_ptr<Model> make_falcon(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_falcon);
}

}  // namespace loam
