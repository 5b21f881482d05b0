// BLOOM: ALiBi, layer norms, one of them behind the embedding, and a plain feed-forward layer with GELU. arXiv
// 2211.05100.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_bloom(const Weights&, ModelConfig& c) {
  const LayerSpec layer{.attention = {.max_alibi_bias = 8}, .ffn = {.activation = {Activation::gelu}, .gated = false}};
  return {.layers = every_layer(c, layer), .norm = NormKind::layer, .embedding_norm = "token_embd_norm"};
}

}  // namespace

std::unique_ptr<Model> make_bloom(const Weights& weights) { return std::make_unique<Decoder>(weights, describe_bloom); }

}  // namespace loam
