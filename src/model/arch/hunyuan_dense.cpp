// Hunyuan without experts: Llama's layer rotated by halves, with an RMS norm on query and key heads after the rotation.
// https://github.com/Tencent-Hunyuan.
#include <cmath>

#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_hunyuan_dense(const Weights& w, ModelConfig& c) {
  // Where the file has alpha, the context was stretched by a larger base (NTK-aware scaling).
  const double alpha = w.metadata().number(c.arch + ".rope.scaling.alpha").value_or(0);
  RopeConfig rope = c.rope;
  if (alpha > 0) rope.base *= std::pow(alpha, c.head_dim / (c.head_dim - 2.0));
  const LayerSpec layer{.attention = {.rope = bind_rope(w, rope, RopePairs::halves),
                                      .head_norms = {.over = HeadNormSpec::head, .after_rope = true}}};
  return {.layers = every_layer(c, layer)};
}

}  // namespace

std::unique_ptr<Model> make_hunyuan_dense(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_hunyuan_dense);
}

// Of the vision model, whose positions have three axes that are one in a text.
std::unique_ptr<Model> make_hunyuan_vl(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_hunyuan_dense);
}

}  // namespace loam
