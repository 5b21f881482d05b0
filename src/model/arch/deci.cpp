// DeciLM and Llama-Nemotron: Llama's layers, found by a search that gave some fewer heads, one matrix instead of
// attention, or no attention at all. arXiv 2411.19146.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

// One matrix in the place of attention.
class LinearMixer final : public Mixer {
 public:
  LinearMixer(const Weights& w, int64_t dim) : o_(w.linear("attn_output", {dim, dim})) {}

  Tensor run(Ops& f, const Tensor& x, const Batch&, KvCache&) const override { return f.linear(x, o_); }

 private:
  const Linear o_;
};

std::unique_ptr<Mixer> bind_linear(const Weights& w, const ModelConfig& c, int) {
  return std::make_unique<LinearMixer>(w, c.dim);
}

DecoderSpec describe_deci(const Weights& w, ModelConfig& c) {
  const Rope rope = bind_rope(w, c.rope, RopePairs::adjacent);
  DecoderSpec spec;
  for (const LayerConfig& layer : c.layers) {
    spec.layers.push_back({.attention = {.rope = rope}});
    if (layer.n_heads > 0 && layer.n_kv_heads == 0) spec.layers.back().mixer = bind_linear;
  }
  return spec;
}

}  // namespace

std::unique_ptr<Model> make_deci(const Weights& weights) { return std::make_unique<Decoder>(weights, describe_deci); }

}  // namespace loam
