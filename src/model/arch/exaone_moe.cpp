// K-EXAONE: an RMS norm on query and key heads; three layers with a window to each that sees everything and rotates
// nothing; dense layers first, then experts beside a shared one. https://huggingface.co/LGAI-EXAONE/K-EXAONE-236B-A23B.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_exaone_moe(const Weights& w, ModelConfig& c) {
  constexpr int kFullAttentionPeriod = 4;
  c.slide_by_default(kFullAttentionPeriod);
  const Rope rope = bind_rope(w, c.rope, RopePairs::halves);
  ExpertsSpec experts = experts_of(c);
  experts.shared = SharedExpert::plain;
  DecoderSpec spec;
  for (int i = 0; i < c.n_layers; ++i) {
    spec.layers.push_back(
        {.attention = {.rope = c.layer(i).sliding ? rope : Rope{}, .head_norms = {.over = HeadNormSpec::head}}});
    if (c.has_experts(i)) spec.layers.back().experts = experts;
  }
  return spec;
}

}  // namespace

std::unique_ptr<Model> make_exaone_moe(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_exaone_moe);
}

}  // namespace loam
