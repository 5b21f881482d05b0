// Spark 2.5: a sigmoid gate of each attended head, layers with a window where the file says so, and GeGLU.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_spark2_5(const Weights&, ModelConfig& c) {
  const Rope rope = make_rope(c.rope, /*adjacent=*/false), sliding_rope = make_rope(c.sliding_rope, /*adjacent=*/false);
  DecoderSpec spec;
  for (const LayerConfig& layer : c.layers)
    spec.layers.push_back({.attention = {.rope = layer.sliding ? sliding_rope : rope, .gate = AttentionGate::of_head},
                           .ffn = {.activation = {Activation::gelu}}});
  return spec;
}

}  // namespace

std::unique_ptr<Model> make_spark2_5(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_spark2_5);
}

}  // namespace loam
