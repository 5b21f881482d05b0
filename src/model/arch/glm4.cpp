// GLM-4: norms before and after each half of a layer, partial rotation, and a feed-forward layer whose gate and up are
// one matrix. arXiv 2406.12793.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_glm4(const Weights&, ModelConfig& c) {
  // Files of the vision model rotate by halves; in a text the axes of their positions are one.
  const bool has_sections = c.rope.sections[0] > 0 && c.rope.sections[1] > 0;
  const LayerSpec layer{.attention = {.rope = make_rope(c.rope, /*adjacent=*/!has_sections)}};
  return {.layers = every_layer(c, layer),
          .norms = {.after_mixer = "post_attention_norm", .after_ffn = "post_ffw_norm"}};
}

}  // namespace

std::unique_ptr<Model> make_glm4(const Weights& weights) { return std::make_unique<Decoder>(weights, describe_glm4); }

}  // namespace loam
