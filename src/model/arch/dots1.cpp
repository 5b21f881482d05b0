// dots.llm1: an RMS norm on query and key heads, dense layers first, then experts picked by sigmoids with a bias, and
// shared ones. arXiv 2506.05767.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_dots1(const Weights&, ModelConfig& c) {
  const LayerSpec dense{
      .attention = {.rope = make_rope(c.rope, /*adjacent=*/false), .head_norms = {.over = HeadNormSpec::head}}};
  LayerSpec sparse = dense;
  sparse.experts = experts_of(c);
  sparse.experts->shared = SharedExpert::plain;
  DecoderSpec spec;
  for (int i = 0; i < c.n_layers; ++i) spec.layers.push_back(c.has_experts(i) ? sparse : dense);
  return spec;
}

}  // namespace

std::unique_ptr<Model> make_dots1(const Weights& weights) { return std::make_unique<Decoder>(weights, describe_dots1); }

}  // namespace loam
