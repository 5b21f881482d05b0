// Gemma 2: norms before and after each half of a layer, GeGLU, soft caps of scores and logits, and a sliding window in
// every other layer. arXiv 2408.00118.
#include <cmath>

#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

constexpr int kDefaultWindow = 4096;
constexpr int kLayersOf27BGemma2 = 46;  // the one size that scales queries by dim / n_heads, not by head_dim
constexpr float kDefaultScoreCap = 50, kDefaultLogitCap = 30;

DecoderSpec describe_gemma2(const Weights& w, ModelConfig& c) {
  if (c.sliding_window == 0) c.sliding_window = kDefaultWindow;
  c.slide_by_default(2);
  const int64_t scaled_by = c.n_layers == kLayersOf27BGemma2 ? c.dim / c.n_heads : c.head_dim;
  const AttentionSpec attention{
      .rope = bind_rope(w, c.rope, RopePairs::halves),
      .scale = c.attention_scale != 0 ? c.attention_scale : 1 / std::sqrt(static_cast<float>(scaled_by)),
      .softcap = c.attention_softcap != 0 ? c.attention_softcap : kDefaultScoreCap};
  return {.layers = every_layer(c, {.attention = attention, .ffn = {.activation = {Activation::gelu}}}),
          .norms = {.after_mixer = "post_attention_norm", .after_ffn = "post_ffw_norm"},
          .embedding_scale = std::sqrt(static_cast<float>(c.dim)),
          .final_softcap = c.final_softcap != 0 ? c.final_softcap : kDefaultLogitCap};
}

}  // namespace

std::unique_ptr<Model> make_gemma2(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_gemma2);
}

}  // namespace loam
