// Qwen 3.5 with experts.
#include "model/arch/list.h"
#include "model/parts/decoder.h"
#include "model/parts/qwen_hybrid.h"

namespace loam {
namespace {

DecoderSpec describe_qwen35moe(const Weights& w, ModelConfig& c) {
  DecoderSpec spec = describe_qwen_hybrid(w, c, /*interleaved=*/true);
  for (LayerSpec& layer : spec.layers) layer.experts = qwen_hybrid_experts(c);
  return spec;
}

}  // namespace

std::unique_ptr<Model> make_qwen35moe(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_qwen35moe);
}

}  // namespace loam
