// Command R7B and Command A: Command R's parallel layer; three layers with a window to each that sees everything and
// rotates nothing. arXiv 2504.00698.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_cohere2(const Weights& w, ModelConfig& c) {
  c.slide_by_default(4);
  const Rope rope = bind_rope(w, c.rope, RopePairs::adjacent);
  DecoderSpec spec{.norm = NormKind::layer,
                   .norms = {.before_ffn = "attn_norm"},
                   .parallel = true,
                   .logit_scale = c.scales.logit != 0 ? c.scales.logit : 1};
  for (const LayerConfig& layer : c.layers)
    spec.layers.push_back({.attention = {.rope = layer.sliding ? rope : Rope{}}});
  return spec;
}

}  // namespace

std::unique_ptr<Model> make_cohere2(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_cohere2);
}

}  // namespace loam
