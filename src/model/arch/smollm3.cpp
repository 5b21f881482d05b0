// SmolLM3: Llama's layer; every fourth rotates nothing. https://huggingface.co/blog/smollm3.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_smollm3(const Weights&, ModelConfig& c) {
  constexpr int kUnrotatedPeriod = 4;
  const Rope rope = make_rope(c.rope, /*adjacent=*/true);
  DecoderSpec spec;
  for (int i = 0; i < c.n_layers; ++i)
    spec.layers.push_back({.attention = {.rope = (i + 1) % kUnrotatedPeriod != 0 ? rope : Rope{}}});
  return spec;
}

}  // namespace

std::unique_ptr<Model> make_smollm3(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_smollm3);
}

}  // namespace loam
