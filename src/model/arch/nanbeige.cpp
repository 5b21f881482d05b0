// Nanbeige 4: Llama's layer. Models that run their layers several times are not read.
#include "base/error.h"
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_nanbeige(const Weights& w, ModelConfig& c) {
  if (w.metadata().integer(c.arch + ".num_loops", 0).value_or(1) > 1)
    throw Error(Error::Code::unsupported, c.arch + ".num_loops: loam runs a model's layers once", "hparam@0");
  const LayerSpec layer{.attention = {.rope = bind_rope(w, c.rope, RopePairs::adjacent)}};
  return {.layers = every_layer(c, layer)};
}

}  // namespace

std::unique_ptr<Model> make_nanbeige(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_nanbeige);
}

}  // namespace loam
