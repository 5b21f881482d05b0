// DeepSeek-OCR (text): DeepSeekMoE with rotation by halves, a router as the file says, and no latent attention.
// arXiv 2510.18234.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_deepseek2_ocr(const Weights& w, ModelConfig& c) {
  const LayerSpec dense{.attention = {.rope = bind_rope(w, c.rope, RopePairs::halves)}};
  DecoderSpec spec{.layers = every_layer(c, dense)};
  for (int i = 0; i < c.n_layers; ++i)
    if (c.has_experts(i))
      spec.layers[static_cast<size_t>(i)].experts.emplace(experts_of(c)).shared = SharedExpert::plain;
  return spec;
}

}  // namespace

std::unique_ptr<Model> make_deepseek2_ocr(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_deepseek2_ocr);
}

}  // namespace loam
