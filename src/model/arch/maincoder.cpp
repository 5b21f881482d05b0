// Maincoder: Llama's layer with an RMS norm on query and key heads after their rotation.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_maincoder(const Weights&, ModelConfig& c) {
  const LayerSpec layer{.attention = {.rope = make_rope(c.rope, /*adjacent=*/true),
                                      .head_norms = {.over = HeadNormSpec::head, .after_rope = true}}};
  return {.layers = every_layer(c, layer)};
}

}  // namespace

std::unique_ptr<Model> make_maincoder(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_maincoder);
}

}  // namespace loam
