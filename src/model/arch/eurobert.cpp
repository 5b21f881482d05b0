// EuroBERT: Llama's layers without a causal mask. Boizard et al., arXiv 2503.05500.
#include "model/arch/encoders.h"
#include "model/parts/text_encoder.h"

namespace loam {
namespace {

EncoderSpec describe_eurobert(const Weights& w, ModelConfig& c) {
  const EncoderLayerSpec layer{.attention = {.rope = bind_rope(w, c.rope, RopePairs::halves)},
                               .ffn = {.activation = {Activation::silu}}};
  return llama_encoder(c, layer);
}

}  // namespace

std::unique_ptr<Encoder> make_eurobert(const Weights& weights) {
  return std::make_unique<TextEncoder>(weights, describe_eurobert);
}

}  // namespace loam
