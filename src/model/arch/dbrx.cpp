// DBRX: layer norms, clamped queries, keys and values, and a softmax router whose chosen weights sum to one.
// Databricks, Introducing DBRX, 2024.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_dbrx(const Weights& w, ModelConfig& c) {
  LayerSpec layer{.attention = {.rope = bind_rope(w, c.rope, RopePairs::halves), .clamp = c.clamp_qkv},
                  .experts = experts_of(c)};
  layer.experts->ffn = c.ffn_dim;
  layer.experts->options.normalise = true;
  return {.layers = every_layer(c, layer), .norm = NormKind::layer, .norms = {.before_ffn = "attn_output_norm"}};
}

}  // namespace

std::unique_ptr<Model> make_dbrx(const Weights& weights) { return std::make_unique<Decoder>(weights, describe_dbrx); }

}  // namespace loam
