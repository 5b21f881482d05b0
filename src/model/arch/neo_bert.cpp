// NeoBERT: RMS norms before each half, positions by rotation, gated feed-forward layers, no biases. Le Breton et al.,
// arXiv 2502.19587.
#include "model/arch/encoders.h"
#include "model/parts/text_encoder.h"

namespace loam {
namespace {

EncoderSpec describe_neo_bert(const Weights& w, ModelConfig& c) {
  const EncoderLayerSpec layer{.attention = {.rope = bind_rope(w, c.rope, RopePairs::adjacent)},
                               .ffn = {.activation = {Activation::silu}}};
  return {.layers = every_encoder_layer(c, layer),
          .norm = NormKind::rms,
          .norms_first = true,
          .embedding_norm = "",
          .output_norm = "enc.output_norm"};
}

}  // namespace

std::unique_ptr<Encoder> make_neo_bert(const Weights& weights) {
  return std::make_unique<TextEncoder>(weights, describe_neo_bert);
}

}  // namespace loam
