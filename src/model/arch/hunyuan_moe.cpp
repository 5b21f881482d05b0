// Hunyuan-A13B: Hunyuan's attention, a softmax router whose chosen weights sum to one, and a shared expert.
// https://github.com/Tencent-Hunyuan/Hunyuan-A13B.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_hunyuan_moe(const Weights& w, ModelConfig& c) {
  LayerSpec layer{.attention = {.rope = bind_rope(w, c.rope, RopePairs::halves),
                                .head_norms = {.over = HeadNormSpec::head, .after_rope = true}},
                  .experts = experts_of(c)};
  layer.experts->options.normalise = true;
  layer.experts->options.scoring = Scoring::softmax;
  layer.experts->shared = SharedExpert::plain;
  return {.layers = every_layer(c, layer)};
}

}  // namespace

std::unique_ptr<Model> make_hunyuan_moe(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_hunyuan_moe);
}

}  // namespace loam
