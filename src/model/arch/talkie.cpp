// Talkie: norms without weights, query heads that are scaled behind their norm, and a share of the normed embedding
// that each layer adds.
#include <memory>
#include <vector>

#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

class Talkie final : public Model {
 public:
  explicit Talkie(const Weights& w) : Model(w), norm_(NormKind::rms, config_.norm_epsilon) {
    bind_ends();
    const AttentionSpec attention{.rope = bind_rope(w, config_.rope, RopePairs::halves),
                                  .head_norms = {.over = HeadNormSpec::head, .weighted = false, .after_rope = true},
                                  .query_gain = true};
    for (int i = 0; i < config_.n_layers; ++i) layers_.push_back(bind_layer(w.scope("blk", i), i, attention));
  }

  Tensor hidden(Context& context, const Batch& batch, KvCache& cache) const override {
    Ops f(context);
    const Tensor embedding = norm_(f, f.embed(ends_.embed, batch.tokens));  // (n_tokens, dim)
    Tensor x = f.head_part(embedding, config_.dim, 0, config_.dim);
    for (const Layer& layer : layers_) {
      const Arena::Scope layer_memory(context.arena);
      f.add(x, layer.attention->run(f, norm_(f, x), batch, cache));
      f.add(x, layer.ffn->run(f, norm_(f, x), batch));
      Tensor share = f.head_part(embedding, config_.dim, 0, config_.dim);
      f.scale(share, *layer.share.f32());
      f.add(x, share);
    }
    if (batch.logit_rows.empty()) return {};
    return norm_(f, f.rows(x, batch.logit_rows));
  }

  Tensor logits(Ops& f, const Tensor& hidden) const override {
    Tensor logits = Model::logits(f, hidden);
    if (config_.scales.logit != 0) f.scale(logits, config_.scales.logit);
    return logits;
  }

 private:
  struct Layer {
    std::unique_ptr<Attention> attention;
    std::unique_ptr<DenseFfn> ffn;
    Tensor share;  // (1): of the embedding
  };

  Layer bind_layer(const Weights& w, int i, const AttentionSpec& attention) const {
    return {std::make_unique<Attention>(w, config_, i, attention),
            std::make_unique<DenseFfn>(w, config_.dim, config_.ffn_dim, FfnSpec{}, config_.norm_epsilon),
            w.vector("layer_output_scale", {1})};
  }

  const Norm norm_;
  std::vector<Layer> layers_;
};

}  // namespace

std::unique_ptr<Model> make_talkie(const Weights& weights) { return std::make_unique<Talkie>(weights); }

}  // namespace loam
