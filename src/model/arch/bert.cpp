// BERT and its kin (RoBERTa, XLM-RoBERTa, DistilBERT): learned positions and token types, biases everywhere, and norms
// behind each half of a layer. Devlin et al., arXiv 1810.04805.
#include "model/arch/encoders.h"
#include "model/parts/text_encoder.h"

namespace loam {
namespace {

EncoderSpec describe_bert(const Weights&, ModelConfig& c) {
  const EncoderLayerSpec layer{.ffn = {.activation = {Activation::gelu_erf}, .gated = false}};
  return {.layers = every_encoder_layer(c, layer), .positions = true, .types = true};
}

}  // namespace

std::unique_ptr<Encoder> make_bert(const Weights& weights) {
  return std::make_unique<TextEncoder>(weights, describe_bert);
}

}  // namespace loam
