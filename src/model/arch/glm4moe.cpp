// GLM-4.5: a partial rotation, norms of heads in the larger size, first layers without experts, and experts picked by
// sigmoids with a bias, beside shared ones. arXiv 2508.06471.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_glm4moe(const Weights& w, ModelConfig& c) {
  if (c.experts.gating == ExpertGating::unset) c.experts.gating = ExpertGating::sigmoid;
  const LayerSpec dense{.attention = {.rope = bind_rope(w, c.rope, RopePairs::halves),
                                      .head_norms = {.over = HeadNormSpec::head, .optional = true}}};
  DecoderSpec spec{.layers = every_layer(c, dense), .norms = {.before_ffn = "post_attention_norm"}};
  for (int i = 0; i < c.n_layers; ++i) {
    if (!c.has_experts(i)) continue;
    ExpertsSpec& experts = spec.layers[static_cast<size_t>(i)].experts.emplace(experts_of(c));
    experts.shared = SharedExpert::plain;
  }
  return spec;
}

}  // namespace

std::unique_ptr<Model> make_glm4moe(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_glm4moe);
}

}  // namespace loam
