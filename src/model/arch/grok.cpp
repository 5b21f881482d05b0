// Grok 1 and 2: norms before and after each half of a layer, soft caps, and experts with GeGLU, in Grok 2 beside a
// dense layer. xAI, Open Release of Grok-1, 2024.
#include <cmath>

#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

constexpr float kEmbeddingScale = 78.38367176906169f, kLogitScale = 0.5773502691896257f;
constexpr float kScoreScale = 0.08838834764831845f, kScoreCap = 30;

// The sum of experts and a dense layer, over √2.
class ExpertsAndDense final : public FeedForward {
 public:
  ExpertsAndDense(const Weights& w, const ModelConfig& c, int i, const ExpertsSpec& experts)
      : experts_(w, c, i, experts),
        dense_(w, c.dim, c.layer(i).ffn_dim, {.activation = experts.options.activation}, c.norm_epsilon) {}

  Tensor run(Ops& f, const Tensor& x, const Batch& batch) const override {
    Tensor out = experts_.run(f, x, batch);
    f.add(out, dense_.run(f, x, batch));
    f.scale(out, std::sqrt(0.5f));
    return out;
  }

 private:
  const Experts experts_;
  const DenseFfn dense_;
};

DecoderSpec describe_grok(const Weights& w, ModelConfig& c) {
  const auto or_default = [](double given, float otherwise) {
    return given != 0 ? static_cast<float>(given) : otherwise;
  };
  const double score_scale = w.metadata().number(c.arch + ".attention.output_scale").value_or(0);
  ExpertsSpec experts = experts_of(c);
  experts.options.normalise = true;
  experts.options.activation = {Activation::gelu};
  LayerSpec layer{.attention = {.rope = bind_rope(w, c.rope, RopePairs::halves),
                                .scale = or_default(score_scale, kScoreScale),
                                .softcap = or_default(c.attention_softcap, kScoreCap)},
                  .experts = experts};
  const Weights first = w.scope("blk", 0);
  if (first.has("ffn_up"))
    layer.feed_forward = [=](const Weights& of_layer, const ModelConfig& config, int i) {
      return std::make_unique<ExpertsAndDense>(of_layer, config, i, experts);
    };
  return {.layers = every_layer(c, layer),
          .norms = {.after_mixer = "attn_output_norm",
                    .after_ffn = first.has("layer_output_norm") ? "layer_output_norm" : "post_ffw_norm"},
          .embedding_scale = or_default(c.scales.embedding, kEmbeddingScale),
          .logit_scale = or_default(c.scales.logit, kLogitScale),
          .final_softcap = c.final_softcap};
}

}  // namespace

std::unique_ptr<Model> make_grok(const Weights& weights) { return std::make_unique<Decoder>(weights, describe_grok); }

}  // namespace loam
