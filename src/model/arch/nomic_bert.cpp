// Nomic's BERT: positions by rotation and gated feed-forward layers without biases. Nussbaum et al., arXiv 2402.01613.
#include "model/arch/encoders.h"
#include "model/parts/text_encoder.h"

namespace loam {
namespace {

EncoderSpec describe_nomic_bert(const Weights& w, ModelConfig& c) {
  const EncoderLayerSpec layer{.attention = {.rope = bind_rope(w, c.rope, RopePairs::halves)},
                               .ffn = {.activation = {Activation::silu}}};
  return {.layers = every_encoder_layer(c, layer), .types = true};
}

}  // namespace

std::unique_ptr<Encoder> make_nomic_bert(const Weights& weights) {
  return std::make_unique<TextEncoder>(weights, describe_nomic_bert);
}

}  // namespace loam
