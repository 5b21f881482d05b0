// Jina's BERT 3: XLM-RoBERTa with positions by rotation; its files' adapters are not part of it. Sturua et al.,
// arXiv 2409.10173.
#include "model/arch/encoders.h"
#include "model/parts/text_encoder.h"

namespace loam {
namespace {

EncoderSpec describe_jina_bert_v3(const Weights& w, ModelConfig& c) {
  const EncoderLayerSpec layer{.attention = {.rope = bind_rope(w, c.rope, RopePairs::halves)},
                               .ffn = {.activation = {Activation::gelu_erf}, .gated = false}};
  return {.layers = every_encoder_layer(c, layer), .types = true};
}

}  // namespace

std::unique_ptr<Encoder> make_jina_bert_v3(const Weights& weights) {
  return std::make_unique<TextEncoder>(weights, describe_jina_bert_v3);
}

}  // namespace loam
