// Llama without a causal mask, as llama-embed-nemotron makes vectors of it (arXiv 2511.07025); with experts where the
// file has them.
#include "model/arch/encoders.h"
#include "model/parts/text_encoder.h"

namespace loam {
namespace {

EncoderSpec describe_llama_embed(const Weights& w, ModelConfig& c) {
  EncoderLayerSpec layer{.attention = {.rope = bind_rope(w, c.rope, RopePairs::adjacent)},
                         .ffn = {.activation = {Activation::silu}}};
  if (c.n_experts > 0) {
    layer.experts = experts_of(c);
    layer.experts->options.normalise = true;
  }
  return llama_encoder(c, layer);
}

}  // namespace

std::unique_ptr<Encoder> make_llama_embed(const Weights& weights) {
  return std::make_unique<TextEncoder>(weights, describe_llama_embed);
}

}  // namespace loam
