// LLaDA-MoE: LLaDA with normed queries and keys, rotation by halves, and experts instead of dense layers.
// arXiv 2509.24389.
#include "model/arch/list.h"
#include "model/parts/decoder.h"
#include "model/parts/whole_text.h"

namespace loam {
namespace {

DecoderSpec describe_llada_moe(const Weights& w, ModelConfig& c) {
  const EncoderAttentionSpec attention{.rope = bind_rope(w, c.rope, RopePairs::halves),
                                       .head_norms = {.over = HeadNormSpec::head}};
  LayerSpec layer{.mixer = attend_to_whole_text(c, attention), .experts = experts_of(c)};
  layer.experts->options.normalise = false;
  layer.experts->options.scoring = Scoring::softmax;
  return {.layers = every_layer(c, layer)};
}

}  // namespace

std::unique_ptr<Model> make_llada_moe(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_llada_moe);
}

}  // namespace loam
