// CogVLM (text): Llama's layer with Q, K and V in one matrix; its experts for images are not read. arXiv 2311.03079.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_cogvlm(const Weights&, ModelConfig& c) {
  const RopeConfig plain{.n_rotated = c.head_dim};  // never stretched, whatever the file says
  const LayerSpec layer{.attention = {.rope = make_rope(plain, /*adjacent=*/false)}};
  return {.layers = every_layer(c, layer)};
}

}  // namespace

std::unique_ptr<Model> make_cogvlm(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_cogvlm);
}

}  // namespace loam
