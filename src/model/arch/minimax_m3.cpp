// MiniMax-M3: an RMS norm on query and key heads, partial rotation by halves, clamped gates, dense layers first, then
// experts beside shared ones. An index picks the blocks that queries attend to; contexts are as long as it picks all.
// https://github.com/MiniMax-AI.
#include <algorithm>
#include <string>

#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

DecoderSpec describe_minimax_m3(const Weights& w, ModelConfig& c) {
  const auto of_index = [&](std::string_view name) {
    return w.metadata().integer(c.arch + ".attention.indexer." + std::string(name), 1, INT32_MAX).value_or(1);
  };
  const int64_t most = of_index("top_k") * of_index("block_size");
  c.context_length = std::min(c.context_length, most);
  const Activation clamped{.kind = Activation::swiglu_oai, .limit = 7, .alpha_positive = 1.702f};
  const LayerSpec dense{.attention = {.rope = bind_rope(w, c.rope, RopePairs::halves),
                                      .head_norms = {.over = HeadNormSpec::head},
                                      .n_positions = most},
                        .ffn = {.activation = clamped}};
  LayerSpec sparse = dense;
  sparse.experts = experts_of(c);
  sparse.experts->options.activation = clamped;
  sparse.experts->shared = SharedExpert::plain;
  DecoderSpec spec;
  for (int i = 0; i < c.n_layers; ++i) spec.layers.push_back(c.has_experts(i) ? sparse : dense);
  return spec;
}

}  // namespace

std::unique_ptr<Model> make_minimax_m3(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_minimax_m3);
}

}  // namespace loam
