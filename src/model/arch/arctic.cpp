// Arctic: a dense layer behind the attention, and experts beside both, which read what enters the layer.
// https://www.snowflake.com/en/blog/arctic-open-efficient-foundation-language-models-snowflake/.
#include <memory>
#include <vector>

#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

class Arctic final : public Model {
 public:
  explicit Arctic(const Weights& w) : Model(w), norm_(norm(w, "output_norm")) {
    bind_ends();
    const Rope rope = bind_rope(w, config_.rope, RopePairs::adjacent);
    for (int i = 0; i < config_.n_layers; ++i) layers_.push_back(bind_layer(w.scope("blk", i), i, rope));
  }

  Tensor hidden(Context& context, const Batch& batch, KvCache& cache) const override {
    Ops f(context);
    Tensor x = f.embed(ends_.embed, batch.tokens);  // (n_tokens, dim)
    for (const Layer& layer : layers_) {
      const Arena::Scope layer_memory(context.arena);
      const Tensor from_experts = layer.experts->run(f, layer.experts_norm(f, x), batch);
      f.add(x, layer.attention->run(f, layer.attention_norm(f, x), batch, cache));
      f.add(x, layer.dense->run(f, layer.dense_norm(f, x), batch));
      f.add(x, from_experts);
    }
    if (batch.logit_rows.empty()) return {};
    return norm_(f, f.rows(x, batch.logit_rows));
  }

 private:
  struct Layer {
    Norm attention_norm, dense_norm, experts_norm;
    std::unique_ptr<Attention> attention;
    std::unique_ptr<DenseFfn> dense;
    std::unique_ptr<Experts> experts;
  };

  Norm norm(const Weights& w, std::string_view name) const {
    return Norm(w, name, config_.dim, NormKind::rms, config_.norm_epsilon);
  }

  // The dense layer is as wide as the model.
  Layer bind_layer(const Weights& w, int i, const Rope& rope) const {
    ExpertsSpec experts = experts_of(config_);
    experts.options.normalise = true;
    experts.options.scoring = Scoring::softmax;
    return {.attention_norm = norm(w, "attn_norm"),
            .dense_norm = norm(w, "ffn_norm"),
            .experts_norm = norm(w, "ffn_norm_exps"),
            .attention = std::make_unique<Attention>(w, config_, i, AttentionSpec{.rope = rope}),
            .dense = std::make_unique<DenseFfn>(w, config_.dim, config_.dim, FfnSpec{}, config_.norm_epsilon),
            .experts = std::make_unique<Experts>(w, config_, i, experts)};
  }

  const Norm norm_;
  std::vector<Layer> layers_;
};

}  // namespace

std::unique_ptr<Model> make_arctic(const Weights& weights) { return std::make_unique<Arctic>(weights); }

}  // namespace loam
