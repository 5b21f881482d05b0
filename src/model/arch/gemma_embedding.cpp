// EmbeddingGemma: Gemma 3's layers without a causal mask, with windows to both sides, and two matrices behind the
// pooling. Vera et al., arXiv 2509.20354.
#include <cmath>

#include "model/arch/encoders.h"
#include "model/parts/text_encoder.h"

namespace loam {
namespace {

constexpr int kGemmaEmbeddingPeriod = 6;  // five layers with a window to each that sees everything
constexpr double kGemmaEmbeddingSlidingBase = 10000;

EncoderSpec describe_gemma_embedding(const Weights& w, ModelConfig& c) {
  c.slide_by_default(kGemmaEmbeddingPeriod);
  if (c.sliding_rope_base == 0) c.sliding_rope.base = kGemmaEmbeddingSlidingBase;
  const EncoderLayerSpec full{
      .attention = {.rope = bind_rope(w, c.rope, RopePairs::halves), .head_norms = {.over = HeadNormSpec::head}},
      .ffn = {.activation = {Activation::gelu}}};
  EncoderLayerSpec sliding = full;
  sliding.attention.rope = bind_rope(w, c.sliding_rope, RopePairs::halves);
  sliding.attention.window = c.sliding_window / 2;  // to each side
  EncoderSpec spec{.norm = NormKind::rms,
                   .norms_first = true,
                   .norms_outputs = true,
                   .embedding_norm = "",
                   .output_norm = "output_norm",
                   .embedding_scale = std::sqrt(static_cast<float>(c.dim))};
  for (int i = 0; i < c.n_layers; ++i) spec.layers.push_back(c.window(i) > 0 ? sliding : full);
  return spec;
}

}  // namespace

std::unique_ptr<Encoder> make_gemma_embedding(const Weights& weights) {
  return std::make_unique<TextEncoder>(weights, describe_gemma_embedding);
}

}  // namespace loam
