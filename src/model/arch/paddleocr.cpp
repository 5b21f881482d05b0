// PaddleOCR-VL (text): ERNIE 4.5's layer, rotated by halves, as all three axes of its positions are one in a text.
// arXiv 2510.14528.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_paddleocr(const Weights& w, ModelConfig& c) {
  const LayerSpec layer{.attention = {.rope = bind_rope(w, c.rope, RopePairs::halves)}};
  return {.layers = every_layer(c, layer)};
}

}  // namespace

std::unique_ptr<Model> make_paddleocr(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_paddleocr);
}

}  // namespace loam
