// Qwen3-Next: three gated delta-nets to each layer that attends, whose queries carry gates; experts, and one for every
// token that its own gate weighs.
#include "model/arch/list.h"
#include "model/parts/decoder.h"
#include "model/parts/qwen_hybrid.h"

namespace loam {
namespace {

DecoderSpec describe_qwen3next(const Weights& w, ModelConfig& c) {
  DecoderSpec spec = describe_qwen_hybrid(w, c, /*interleaved=*/false);
  for (LayerSpec& layer : spec.layers) layer.experts = qwen_hybrid_experts(c);
  return spec;
}

}  // namespace

std::unique_ptr<Model> make_qwen3next(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_qwen3next);
}

}  // namespace loam
