// Nomic's BERT with experts: in the second of every n layers, without a gate; the others' feed-forward layers are
// plain. Nussbaum and Duderstadt, arXiv 2502.07972.
#include "model/arch/encoders.h"
#include "model/parts/text_encoder.h"

namespace loam {
namespace {

EncoderSpec describe_nomic_bert_moe(const Weights& w, ModelConfig& c) {
  const EncoderLayerSpec dense{.attention = {.rope = bind_rope(w, c.rope, RopePairs::halves)},
                               .ffn = {.activation = {Activation::gelu_erf}, .gated = false}};
  EncoderLayerSpec sparse = dense;
  sparse.experts = experts_of(c);
  sparse.experts->gated = false;
  sparse.experts->options.activation = {Activation::gelu_erf};
  EncoderSpec spec{.types = true};
  const int period = c.experts.every_n_layers;
  for (int i = 0; i < c.n_layers; ++i) spec.layers.push_back(period > 0 && i % period == 1 ? sparse : dense);
  return spec;
}

}  // namespace

std::unique_ptr<Encoder> make_nomic_bert_moe(const Weights& weights) {
  return std::make_unique<TextEncoder>(weights, describe_nomic_bert_moe);
}

}  // namespace loam
