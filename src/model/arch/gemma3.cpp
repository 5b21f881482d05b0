// Gemma 3 (text): norms before and after each half of a layer, an RMS norm on every query and key head, GeGLU, and five
// layers with a sliding window to each that attends to everything. arXiv 2503.19786.
#include <cmath>

#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

constexpr int kFullAttentionPeriod = 6;      // where the file gives no pattern
constexpr double kSlidingRopeBase = 10'000;  // likewise; the sliding layers' positions are never stretched
constexpr int kLayersOf27B = 62;             // the one size that scales queries by dim / n_heads, not by head_dim

DecoderSpec describe_gemma3(const Weights& w, ModelConfig& c) {
  c.slide_by_default(kFullAttentionPeriod);
  if (c.attention_scale == 0 && c.n_layers == kLayersOf27B)
    c.attention_scale = 1 / std::sqrt(static_cast<float>(c.dim / c.n_heads));
  const RopeConfig sliding{.n_rotated = c.rope.n_rotated,
                           .base = c.sliding_rope_base != 0 ? c.sliding_rope_base : kSlidingRopeBase};
  const Rope rope = bind_rope(w, c.rope, RopePairs::halves), sliding_rope = make_rope(sliding, /*adjacent=*/false);
  DecoderSpec spec{.norms = {.after_mixer = "post_attention_norm", .after_ffn = "post_ffw_norm"},
                   .embedding_scale = std::sqrt(static_cast<float>(c.dim)),
                   .final_softcap = c.final_softcap};
  for (const LayerConfig& layer : c.layers)
    spec.layers.push_back(
        {.attention = {.rope = layer.sliding ? sliding_rope : rope, .head_norms = {.over = HeadNormSpec::head}},
         .ffn = {.activation = {Activation::gelu}}});
  return spec;
}

}  // namespace

std::unique_ptr<Model> make_gemma3(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_gemma3);
}

}  // namespace loam
