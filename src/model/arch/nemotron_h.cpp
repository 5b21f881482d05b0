// Nemotron-H: layers of one half each, which keep a state, attend without positions, or feed forward with squared
// ReLUs; dense or with experts, who may work on a narrower vector. arXiv 2504.03624.
#include "model/arch/list.h"
#include "model/parts/decoder.h"
#include "model/parts/mamba.h"

namespace loam {
namespace {

// A feed-forward part that stands where others mix.
class FeedForwardOnly final : public Mixer {
 public:
  FeedForwardOnly(const Weights& w, const ModelConfig& c, int layer, const FfnSpec& ffn)
      : part_(std::make_unique<DenseFfn>(w, c.dim, c.layer(layer).ffn_dim, ffn, c.norm_epsilon)) {}
  FeedForwardOnly(const Weights& w, const ModelConfig& c, int layer, const ExpertsSpec& experts)
      : part_(std::make_unique<Experts>(w, c, layer, experts)) {}

  Tensor run(Ops& f, const Tensor& x, const Batch& batch, KvCache&) const override { return part_->run(f, x, batch); }

 private:
  const std::unique_ptr<FeedForward> part_;
};

ExpertsSpec nemotron_experts(const Weights& w, const ModelConfig& c) {
  ExpertsSpec experts = experts_of(c);
  if (c.expert_ffn_dim == 0) experts.ffn = c.ffn_dim / c.n_experts_used;
  experts.gated = false;
  experts.options.activation = {.kind = Activation::relu_squared};
  experts.options.scoring = Scoring::sigmoid;
  experts.options.normalise = c.expert_weights_norm;
  experts.shared = SharedExpert::plain;
  experts.latent = w.metadata().integer(c.arch + ".expert_latent_length", 0, c.dim).value_or(0);
  return experts;
}

DecoderSpec describe_nemotron_h(const Weights& w, ModelConfig& c) {
  const SsmConfig ssm = SsmConfig::read(w.metadata(), /*heads=*/true);
  const FfnSpec ffn{.activation = {.kind = Activation::relu_squared}, .gated = false};
  DecoderSpec spec;
  for (int i = 0; i < c.n_layers; ++i) {
    LayerSpec layer{.no_ffn = true};
    if (c.layer(i).ffn_dim > 0) {
      c.layer(i).n_kv_heads = 0;
      layer.mixer =
          c.n_experts > 0 ? mixer_of<FeedForwardOnly>(nemotron_experts(w, c)) : mixer_of<FeedForwardOnly>(ffn);
    } else if (c.layer(i).n_kv_heads == 0) {
      c.keep_state(i, Mamba2::state_size(ssm));
      layer.mixer = mixer_of<Mamba2>(ssm);
    }
    spec.layers.push_back(layer);
  }
  return spec;
}

}  // namespace

std::unique_ptr<Model> make_nemotron_h(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_nemotron_h);
}

}  // namespace loam
