// Dream: Qwen2.5 without a causal mask; each row tells the token after it. arXiv 2508.15487.
#include "model/arch/list.h"
#include "model/parts/decoder.h"
#include "model/parts/whole_text.h"

namespace loam {
namespace {

DecoderSpec describe_dream(const Weights& w, ModelConfig& c) {
  const EncoderAttentionSpec attention{.rope = bind_rope(w, c.rope, RopePairs::halves)};
  return {.layers = every_layer(c, {.mixer = attend_to_whole_text(c, attention)}), .head_bias = false};
}

}  // namespace

std::unique_ptr<Model> make_dream(const Weights& weights) { return std::make_unique<Decoder>(weights, describe_dream); }

}  // namespace loam
