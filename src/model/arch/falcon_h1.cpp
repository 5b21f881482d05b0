// Falcon-H1: every layer attends and keeps a state, side by side, and adds up what both give. arXiv 2507.22448.
#include "model/arch/list.h"
#include "model/parts/decoder.h"
#include "model/parts/mamba.h"

namespace loam {
namespace {

class AttentionAndState final : public Mixer {
 public:
  AttentionAndState(const Weights& w, const ModelConfig& c, int layer, const AttentionSpec& attention,
                    const SsmConfig& ssm)
      : attention_(w, c, layer, attention), state_(w, c, layer, ssm) {}

  Tensor run(Ops& f, const Tensor& x, const Batch& batch, KvCache& cache) const override {
    Tensor sum = attention_.run(f, x, batch, cache);
    f.add(sum, state_.run(f, x, batch, cache));
    return sum;
  }

 private:
  const Attention attention_;
  const Mamba2 state_;
};

DecoderSpec describe_falcon_h1(const Weights& w, ModelConfig& c) {
  const SsmConfig ssm = SsmConfig::read(w.metadata(), /*heads=*/true);
  const AttentionSpec attention{.rope = make_rope(c.rope, /*adjacent=*/false), .output_bias = false};
  DecoderSpec spec;
  for (int i = 0; i < c.n_layers; ++i) {
    c.keep_state(i, Mamba2::state_size(ssm), /*attends=*/true);
    spec.layers.push_back({.mixer = mixer_of<AttentionAndState>(attention, ssm)});
  }
  return spec;
}

}  // namespace

std::unique_ptr<Model> make_falcon_h1(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_falcon_h1);
}

}  // namespace loam
