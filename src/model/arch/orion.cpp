// Orion: Llama's layer with layer norms, rotated by halves. arXiv 2401.12246.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_orion(const Weights&, ModelConfig& c) {
  const LayerSpec layer{.attention = {.rope = make_rope(c.rope, /*adjacent=*/false)}};
  return {.layers = every_layer(c, layer), .norm = NormKind::layer};
}

}  // namespace

std::unique_ptr<Model> make_orion(const Weights& weights) { return std::make_unique<Decoder>(weights, describe_orion); }

}  // namespace loam
