// GroveMoE: Qwen3's attention and experts; smaller experts, picked by the same router, read what those give and add to
// it. arXiv 2508.07785.
#include "base/error.h"
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

class GroveExperts final : public FeedForward {
 public:
  GroveExperts(const Weights& w, const ModelConfig& c, int layer, const ExpertsSpec& spec)
      : experts_(w, c, layer, spec), options_(spec.options) {
    const Metadata& m = w.metadata();
    group_scale_ = static_cast<float>(m.number(c.arch + ".expert_group_scale").value_or(1));
    if (m.integer(c.arch + ".experts_per_group").value_or(1) != 1)
      throw Error(Error::Code::unsupported, c.arch + ".experts_per_group: loam knows 1", "hparam@0");
    const int64_t given = m.integer(c.arch + ".expert_chunk_feed_forward_length", 0, c.dim * 64).value_or(0);
    const int64_t ffn = given > 0 ? given : c.head_dim, n = c.n_experts;
    options_.layer = layer;
    adjugate_ = {.router = w.matrix("ffn_gate_inp", {n, c.dim}),
                 .gate = w.matrix("ffn_gate_chexps", {n, ffn, c.dim}),
                 .up = w.matrix("ffn_up_chexps", {n, ffn, c.dim}),
                 .down = w.matrix("ffn_down_chexps", {n, c.dim, ffn})};
  }

  Tensor run(Ops& f, const Tensor& x, const Batch& batch) const override {
    Tensor out = experts_.run(f, x, batch);
    Tensor more = f.moe(out, adjugate_, options_, batch.spans, x);
    f.scale(more, group_scale_);
    f.add(out, more);
    return out;
  }

 private:
  const Experts experts_;
  MoeOptions options_;
  MoeWeights adjugate_;
  float group_scale_ = 1;
};

std::unique_ptr<FeedForward> bind_grove(const Weights& w, const ModelConfig& c, int layer) {
  ExpertsSpec spec = experts_of(c);
  spec.options.normalise = true;
  spec.options.scoring = Scoring::softmax;
  return std::make_unique<GroveExperts>(w, c, layer, spec);
}

DecoderSpec describe_grovemoe(const Weights&, ModelConfig& c) {
  const LayerSpec layer{
      .attention = {.rope = make_rope(c.rope, /*adjacent=*/false), .head_norms = {.over = HeadNormSpec::head}},
      .feed_forward = bind_grove};
  return {.layers = every_layer(c, layer)};
}

}  // namespace

std::unique_ptr<Model> make_grovemoe(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_grovemoe);
}

}  // namespace loam
