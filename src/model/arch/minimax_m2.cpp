// MiniMax-M2: RMS norms over all query and all key heads together, and experts picked by sigmoids with a bias, whose
// weights sum to one. https://github.com/MiniMax-AI/MiniMax-M2.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_minimax_m2(const Weights&, ModelConfig& c) {
  LayerSpec layer{
      .attention = {.rope = make_rope(c.rope, /*adjacent=*/false), .head_norms = {.over = HeadNormSpec::row}},
      .experts = experts_of(c)};
  layer.experts->options.normalise = true;
  return {.layers = every_layer(c, layer)};
}

}  // namespace

std::unique_ptr<Model> make_minimax_m2(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_minimax_m2);
}

}  // namespace loam
