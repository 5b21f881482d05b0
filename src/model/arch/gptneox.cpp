// GPT-NeoX and Pythia: layer norms, biases, partial rotation by halves, and, as the file says, both halves of a layer
// reading the same input. arXiv 2204.06745.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_gptneox(const Weights&, ModelConfig& c) {
  const LayerSpec layer{.attention = {.rope = make_rope(c.rope, /*adjacent=*/false)},
                        .ffn = {.activation = {Activation::gelu}, .gated = false}};
  return {.layers = every_layer(c, layer), .norm = NormKind::layer, .parallel = c.parallel_residual};
}

}  // namespace

std::unique_ptr<Model> make_gptneox(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_gptneox);
}

}  // namespace loam
