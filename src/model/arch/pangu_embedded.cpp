// openPangu-Embedded: Llama's layer with biases in attention, rotated by halves. arXiv 2505.22375.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_pangu_embedded(const Weights&, ModelConfig& c) {
  const LayerSpec layer{.attention = {.rope = make_rope(c.rope, /*adjacent=*/false)}};
  return {.layers = every_layer(c, layer)};
}

}  // namespace

std::unique_ptr<Model> make_pangu_embedded(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_pangu_embedded);
}

}  // namespace loam
