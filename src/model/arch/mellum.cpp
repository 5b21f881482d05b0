// Mellum 2: Qwen3's attention, three layers with a window to each that sees everything, and a softmax router whose
// chosen weights sum to one. Only layers that see everything stretch their rotation.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_mellum(const Weights&, ModelConfig& c) {
  constexpr int kFullAttentionPeriod = 4;
  if (c.sliding_window > 0) c.slide_by_default(kFullAttentionPeriod);
  ExpertsSpec experts = experts_of(c);
  experts.options.normalise = true;
  experts.options.scoring = Scoring::softmax;
  const Rope rope = make_rope(c.rope, /*adjacent=*/false);
  const Rope sliding_rope = make_rope({.n_rotated = c.rope.n_rotated, .base = c.rope.base}, /*adjacent=*/false);
  DecoderSpec spec;
  for (const LayerConfig& layer : c.layers)
    spec.layers.push_back(
        {.attention = {.rope = layer.sliding ? sliding_rope : rope, .head_norms = {.over = HeadNormSpec::head}},
         .experts = experts});
  return spec;
}

}  // namespace

std::unique_ptr<Model> make_mellum(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_mellum);
}

}  // namespace loam
