// StableLM 2: layer norms, a partial rotation, and in the larger size norms of each head and a feed-forward layer that
// reads what attention reads. arXiv 2402.17834.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_stablelm(const Weights& w, ModelConfig& c) {
  const HeadNormSpec head_norms{.over = HeadNormSpec::each_head, .kind = NormKind::layer, .optional = true};
  const LayerSpec layer{.attention = {.rope = bind_rope(w, c.rope, RopePairs::halves), .head_norms = head_norms}};
  const bool parallel = !w.scope("blk", 0).has("ffn_norm");
  return {.layers = every_layer(c, layer),
          .norm = NormKind::layer,
          .norms = {.before_ffn = parallel ? "attn_norm" : "ffn_norm"},
          .parallel = parallel};
}

}  // namespace

std::unique_ptr<Model> make_stablelm(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_stablelm);
}

}  // namespace loam
