// EXAONE 4: norms behind each half of a layer, and of query and key heads; the larger size has three layers with a
// window to each that sees everything and rotates nothing. arXiv 2507.11407.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

constexpr int kLayersOf32B = 64;  // the size that has windows

DecoderSpec describe_exaone4(const Weights& w, ModelConfig& c) {
  const bool slides = c.n_layers == kLayersOf32B;
  if (!slides) c.sliding_window = 0;
  if (slides && c.sliding_window == 0) c.sliding_window = 4096;
  c.slide_by_default(4);
  const Rope rope = bind_rope(w, c.rope, RopePairs::halves);
  DecoderSpec spec{
      .norms = {
          .before_mixer = "", .after_mixer = "post_attention_norm", .before_ffn = "", .after_ffn = "post_ffw_norm"}};
  for (const LayerConfig& layer : c.layers)
    spec.layers.push_back(
        {.attention = {.rope = layer.sliding || !slides ? rope : Rope{}, .head_norms = {.over = HeadNormSpec::head}}});
  return spec;
}

}  // namespace

std::unique_ptr<Model> make_exaone4(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_exaone4);
}

}  // namespace loam
