// Baichuan 1 and 2: Llama's layer; the size of 13 billion parameters has ALiBi instead of a rotation. arXiv 2309.10305.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

constexpr int kLayersOf7B = 32, kLayersOf13B = 40;  // files do not say which it is

DecoderSpec describe_baichuan(const Weights& w, ModelConfig& c) {
  LayerSpec layer;
  if (c.n_layers == kLayersOf7B) layer.attention.rope = bind_rope(w, c.rope, RopePairs::adjacent);
  if (c.n_layers == kLayersOf13B) layer.attention.max_alibi_bias = 8;
  return {.layers = every_layer(c, layer)};
}

}  // namespace

std::unique_ptr<Model> make_baichuan(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_baichuan);
}

}  // namespace loam
