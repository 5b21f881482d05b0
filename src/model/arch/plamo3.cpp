// PLaMo 3 (Preferred Networks): attention with windows in most layers, each half between two norms.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_plamo3(const Weights& w, ModelConfig& c) {
  DecoderSpec spec;
  spec.norms = {.after_mixer = "post_attention_norm", .after_ffn = "post_ffw_norm"};
  for (int i = 0; i < c.n_layers; ++i) {
    const RopeConfig& rope = c.window(i) > 0 ? c.sliding_rope : c.rope;
    spec.layers.push_back(
        {.attention = {.rope = bind_rope(w, rope, RopePairs::halves), .head_norms = {.over = HeadNormSpec::head}}});
  }
  return spec;
}

}  // namespace

std::unique_ptr<Model> make_plamo3(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_plamo3);
}

}  // namespace loam
