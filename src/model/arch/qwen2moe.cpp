// Qwen1.5-MoE and Qwen2 with experts: Qwen2's attention, experts whose weights do not sum to one, and a shared expert
// behind a gate. arXiv 2407.10671.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_qwen2moe(const Weights& w, ModelConfig& c) {
  LayerSpec layer{.attention = {.rope = bind_rope(w, c.rope, RopePairs::halves)}, .experts = experts_of(c)};
  layer.experts->shared = SharedExpert::gated;
  if (c.experts.shared_ffn_dim == 0) layer.experts->shared_ffn = c.ffn_dim;
  return {.layers = every_layer(c, layer)};
}

}  // namespace

std::unique_ptr<Model> make_qwen2moe(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_qwen2moe);
}

}  // namespace loam
