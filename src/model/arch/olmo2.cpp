// OLMo 2 and 3: norms behind each half of a layer, and of all heads of queries and keys together; OLMo 3 slides in
// three of four layers, whose positions are not stretched. arXiv 2501.00656.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_olmo2(const Weights& w, ModelConfig& c) {
  if (c.sliding_window > 0) c.slide_by_default(4);
  const RopeConfig plain{.n_rotated = c.rope.n_rotated, .base = c.rope.base};
  const Rope rope = bind_rope(w, c.rope, RopePairs::halves), sliding = bind_rope(w, plain, RopePairs::halves);
  DecoderSpec spec{
      .norms = {
          .before_mixer = "", .after_mixer = "post_attention_norm", .before_ffn = "", .after_ffn = "post_ffw_norm"}};
  for (int i = 0; i < c.n_layers; ++i)
    spec.layers.push_back(
        {.attention = {.rope = c.window(i) > 0 ? sliding : rope, .head_norms = {.over = HeadNormSpec::row}}});
  return spec;
}

}  // namespace

std::unique_ptr<Model> make_olmo2(const Weights& weights) { return std::make_unique<Decoder>(weights, describe_olmo2); }

}  // namespace loam
