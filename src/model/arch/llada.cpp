// LLaDA: Llama's layers without a causal mask, which fill in masked tokens. Of biases only those of Q, K and V count.
// arXiv 2502.09992.
#include "model/arch/list.h"
#include "model/parts/decoder.h"
#include "model/parts/whole_text.h"

namespace loam {
namespace {

DecoderSpec describe_llada(const Weights&, ModelConfig& c) {
  const EncoderAttentionSpec attention{.rope = make_rope(c.rope, /*adjacent=*/true), .output_bias = false};
  return {.layers = every_layer(c, {.mixer = attend_to_whole_text(c, attention), .ffn = {.biases = false}})};
}

}  // namespace

std::unique_ptr<Model> make_llada(const Weights& weights) { return std::make_unique<Decoder>(weights, describe_llada); }

}  // namespace loam
