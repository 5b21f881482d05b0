// Hunyuan 3: Qwen3's attention, dense layers where the file has no router, else experts picked by sigmoids with a bias,
// and a shared one.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_hy_v3(const Weights& w, ModelConfig& c) {
  const LayerSpec dense{
      .attention = {.rope = bind_rope(w, c.rope, RopePairs::halves), .head_norms = {.over = HeadNormSpec::head}}};
  LayerSpec sparse = dense;
  sparse.experts = experts_of(c);
  if (c.experts.gating == ExpertGating::unset) sparse.experts->options.scoring = Scoring::sigmoid;
  sparse.experts->shared = SharedExpert::plain;
  DecoderSpec spec;
  for (int i = 0; i < c.n_layers; ++i) spec.layers.push_back(w.scope("blk", i).has("ffn_gate_inp") ? sparse : dense);
  return spec;
}

}  // namespace

std::unique_ptr<Model> make_hy_v3(const Weights& weights) { return std::make_unique<Decoder>(weights, describe_hy_v3); }

}  // namespace loam
