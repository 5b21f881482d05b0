// MiMo-V2: attention sinks and another rotation in layers with a window, partial rotation, and experts picked by
// sigmoids with a bias, whose weights sum to one. https://github.com/XiaomiMiMo/MiMo-V2-Flash.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_mimo2(const Weights& w, ModelConfig& c) {
  const Rope rope = make_rope(c.rope, /*adjacent=*/false), sliding_rope = make_rope(c.sliding_rope, /*adjacent=*/false);
  const double value_scale = w.metadata().number(c.arch + ".attention.value_scale").value_or(0);
  ExpertsSpec experts = experts_of(c);
  experts.options.normalise = true;
  experts.options.scoring = Scoring::sigmoid;
  DecoderSpec spec;
  for (int i = 0; i < c.n_layers; ++i) {
    const Weights layer = w.scope("blk", i);
    spec.layers.push_back({.attention = {.rope = c.layer(i).sliding ? sliding_rope : rope,
                                         .biases = false,
                                         .output_bias = false,
                                         .sinks = layer.has("attn_sinks"),
                                         .output_scale = value_scale != 0 ? static_cast<float>(value_scale) : 1}});
    if (layer.has("ffn_gate_inp")) spec.layers.back().experts = experts;
  }
  return spec;
}

}  // namespace

std::unique_ptr<Model> make_mimo2(const Weights& weights) { return std::make_unique<Decoder>(weights, describe_mimo2); }

}  // namespace loam
