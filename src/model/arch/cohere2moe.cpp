// Command with experts: Command R7B's parallel layer (three with a window to each that sees everything and rotates
// nothing), dense layers first, then experts; the mean of the picked and the shared ones counts.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

// Half of what the picked and the shared experts give together.
class MeanExperts final : public FeedForward {
 public:
  MeanExperts(const Weights& w, const ModelConfig& c, int layer, const ExpertsSpec& spec)
      : experts_(w, c, layer, spec) {}

  Tensor run(Ops& f, const Tensor& x, const Batch& batch) const override {
    Tensor sum = experts_.run(f, x, batch);
    f.scale(sum, 0.5f);
    return sum;
  }

 private:
  const Experts experts_;
};

std::unique_ptr<FeedForward> bind_mean_experts(const Weights& w, const ModelConfig& c, int layer) {
  ExpertsSpec spec = experts_of(c);
  if (c.experts.gating == ExpertGating::unset) spec.options.scoring = Scoring::sigmoid;
  if (!w.has("ffn_up_shexp")) return std::make_unique<Experts>(w, c, layer, spec);
  spec.shared = SharedExpert::plain;
  return std::make_unique<MeanExperts>(w, c, layer, spec);
}

DecoderSpec describe_cohere2moe(const Weights& w, ModelConfig& c) {
  constexpr int kFullAttentionPeriod = 4;
  c.slide_by_default(kFullAttentionPeriod, /*full_first=*/true);
  const bool rms = w.metadata().number(c.arch + ".attention.layer_norm_rms_epsilon").value_or(0) != 0;
  const Rope rope = bind_rope(w, c.rope, RopePairs::adjacent);
  DecoderSpec spec{.norm = rms ? NormKind::rms : NormKind::layer,
                   .norms = {.before_ffn = "attn_norm"},
                   .parallel = true,
                   .logit_scale = c.scales.logit != 0 ? c.scales.logit : 1};
  for (int i = 0; i < c.n_layers; ++i) {
    const bool rotates = c.layer(i).sliding || i < c.experts.n_leading_dense;
    spec.layers.push_back({.attention = {.rope = rotates ? rope : Rope{}}});
    if (c.has_experts(i)) spec.layers.back().feed_forward = bind_mean_experts;
  }
  return spec;
}

}  // namespace

std::unique_ptr<Model> make_cohere2moe(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_cohere2moe);
}

}  // namespace loam
