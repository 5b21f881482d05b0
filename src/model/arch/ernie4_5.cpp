// ERNIE 4.5 without experts: Llama's layer. Baidu, ERNIE 4.5 technical report, 2025.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_ernie4_5(const Weights& w, ModelConfig& c) {
  const LayerSpec layer{.attention = {.rope = bind_rope(w, c.rope, RopePairs::adjacent), .output_bias = false}};
  return {.layers = every_layer(c, layer)};
}

}  // namespace

std::unique_ptr<Model> make_ernie4_5(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_ernie4_5);
}

}  // namespace loam
