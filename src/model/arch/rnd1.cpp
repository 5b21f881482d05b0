// RND1: Qwen3 with experts, made to see both sides and to fill in masked tokens.
#include "model/arch/list.h"
#include "model/parts/decoder.h"
#include "model/parts/whole_text.h"

namespace loam {
namespace {

DecoderSpec describe_rnd1(const Weights& w, ModelConfig& c) {
  const EncoderAttentionSpec attention{.rope = bind_rope(w, c.rope, RopePairs::halves),
                                       .head_norms = {.over = HeadNormSpec::head}};
  LayerSpec layer{.mixer = attend_to_whole_text(c, attention), .experts = experts_of(c)};
  layer.experts->options.normalise = true;
  layer.experts->options.scoring = Scoring::softmax;
  return {.layers = every_layer(c, layer)};
}

}  // namespace

std::unique_ptr<Model> make_rnd1(const Weights& weights) { return std::make_unique<Decoder>(weights, describe_rnd1); }

}  // namespace loam
