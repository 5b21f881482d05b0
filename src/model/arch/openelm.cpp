// OpenELM: layers differ in heads and widths; an RMS norm on query and key heads. arXiv 2404.14619.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_openelm(const Weights&, ModelConfig& c) {
  const LayerSpec layer{
      .attention = {.rope = make_rope(c.rope, /*adjacent=*/false), .head_norms = {.over = HeadNormSpec::head}}};
  return {.layers = every_layer(c, layer)};
}

}  // namespace

std::unique_ptr<Model> make_openelm(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_openelm);
}

}  // namespace loam
