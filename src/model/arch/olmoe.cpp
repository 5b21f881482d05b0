// OLMoE: RMS norms over all query and all key heads together, and experts whose weights do not sum to one.
// arXiv 2409.02060.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_olmoe(const Weights& w, ModelConfig& c) {
  LayerSpec layer{
      .attention = {.rope = bind_rope(w, c.rope, RopePairs::halves), .head_norms = {.over = HeadNormSpec::row}},
      .experts = experts_of(c)};
  layer.experts->options.normalise = false;
  return {.layers = every_layer(c, layer)};
}

}  // namespace

std::unique_ptr<Model> make_olmoe(const Weights& weights) { return std::make_unique<Decoder>(weights, describe_olmoe); }

}  // namespace loam
