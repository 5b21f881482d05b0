// Jina's BERT 2: instead of positions, ALiBi in both directions, and gated feed-forward layers. Günther et al.,
// arXiv 2310.19923. Some norm queries and keys, or add what a layer reads a second time.
#include "model/arch/encoders.h"
#include "model/parts/text_encoder.h"

namespace loam {
namespace {

constexpr float kDefaultAlibiBias = 8;

EncoderSpec describe_jina_bert_v2(const Weights& w, ModelConfig& c) {
  const Weights first = w.scope("blk", 0);
  const TensorInfo* up = w.file().find("blk.0.ffn_up.weight");
  const bool gated = first.has("ffn_gate") || (up && up->shape.rank() == 2 && up->shape[0] == 2 * c.ffn_dim);
  const EncoderLayerSpec layer{
      .attention = {.max_alibi_bias = c.max_alibi_bias > 0 ? c.max_alibi_bias : kDefaultAlibiBias,
                    .head_norms = {.over = HeadNormSpec::row, .kind = NormKind::layer, .optional = true}},
      .ffn = {.activation = {Activation::gelu_erf}, .gated = gated}};
  return {.layers = every_encoder_layer(c, layer), .types = true};
}

}  // namespace

std::unique_ptr<Encoder> make_jina_bert_v2(const Weights& weights) {
  return std::make_unique<TextEncoder>(weights, describe_jina_bert_v2);
}

}  // namespace loam
