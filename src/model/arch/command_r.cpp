// Command R: attention and feed-forward layer read the same layer norm; in the larger size, layer norms of each head.
// Cohere, Command R, 2024.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_command_r(const Weights& w, ModelConfig& c) {
  const HeadNormSpec head_norms{.over = HeadNormSpec::each_head, .kind = NormKind::layer, .optional = true};
  const LayerSpec layer{.attention = {.rope = bind_rope(w, c.rope, RopePairs::adjacent), .head_norms = head_norms}};
  return {.layers = every_layer(c, layer),
          .norm = NormKind::layer,
          .norms = {.before_ffn = "attn_norm"},
          .parallel = true,
          .logit_scale = c.scales.logit != 0 ? c.scales.logit : 1};
}

}  // namespace

std::unique_ptr<Model> make_command_r(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_command_r);
}

}  // namespace loam
