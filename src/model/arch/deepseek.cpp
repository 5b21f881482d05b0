// DeepSeekMoE: Llama's attention, first layers without experts, then many small experts beside shared ones.
// arXiv 2401.06066.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_deepseek(const Weights& w, ModelConfig& c) {
  const LayerSpec dense{.attention = {.rope = bind_rope(w, c.rope, RopePairs::adjacent)}};
  DecoderSpec spec{.layers = every_layer(c, dense)};
  for (int i = 0; i < c.n_layers; ++i) {
    if (!c.has_experts(i)) continue;
    ExpertsSpec& experts = spec.layers[static_cast<size_t>(i)].experts.emplace(experts_of(c));
    experts.options.normalise = false;
    experts.shared = SharedExpert::plain;
  }
  return spec;
}

}  // namespace

std::unique_ptr<Model> make_deepseek(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_deepseek);
}

}  // namespace loam
