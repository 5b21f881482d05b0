// Maple: an RMS norm on query and key heads; layers with a window that rotate and layers that see everything and rotate
// nothing, as the file says; and experts with a bounded gate, whose chosen weights sum to one.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_maple(const Weights& w, ModelConfig& c) {
  const Rope rope = bind_rope(w, c.sliding_rope, RopePairs::halves);
  DecoderSpec spec;
  for (int i = 0; i < c.n_layers; ++i) {
    LayerSpec& layer = spec.layers.emplace_back();
    layer.attention = {.rope = c.layer(i).sliding ? rope : Rope{}, .head_norms = {.over = HeadNormSpec::head}};
    MoeOptions& options = layer.experts.emplace(experts_of(c)).options;
    options.normalise = true;
    options.weight_scale = 1;
    options.scoring = Scoring::softmax;
    options.activation = bounded_silu(w, c, i);
  }
  return spec;
}

}  // namespace

std::unique_ptr<Model> make_maple(const Weights& weights) { return std::make_unique<Decoder>(weights, describe_maple); }

}  // namespace loam
