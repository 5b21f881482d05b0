// SmallThinker: three layers with a window to each that sees everything and rotates nothing, and experts with ReLU that
// are picked by what enters the layer, before its attention. arXiv 2507.20984.
#include <memory>
#include <vector>

#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

class SmallThinker final : public Model {
 public:
  explicit SmallThinker(const Weights& w) : Model(w) {
    ModelConfig& c = config_;
    const bool windows = c.sliding_window > 0;
    if (windows) c.sliding_window = kWindow;  // of every file, whatever it says
    if (windows) c.slide_by_default(kFullAttentionPeriod, /*full_first=*/true);
    rope_ = make_rope(c.rope, /*adjacent=*/false);
    sliding_rope_ = make_rope(c.sliding_rope, /*adjacent=*/false);
    bind_ends();
    norm_ = norm(w, "output_norm");
    for (int i = 0; i < c.n_layers; ++i) layers_.push_back(bind_layer(w.scope("blk", i), i, windows));
  }

  Tensor hidden(Context& context, const Batch& batch, KvCache& cache) const override {
    Ops f(context);
    Tensor x = f.embed(ends_.embed, batch.tokens);  // (n_tokens, dim)
    for (const Layer& layer : layers_) {
      const Arena::Scope layer_memory(context.arena);
      const Tensor routed = f.head_part(x, config_.dim, 0, config_.dim);
      f.add(x, layer.attention->run(f, layer.attention_norm(f, x), batch, cache));
      f.add(x, layer.experts->run(f, layer.ffn_norm(f, x), batch, routed));
    }
    if (batch.logit_rows.empty()) return {};
    return norm_(f, f.rows(x, batch.logit_rows));
  }

 private:
  static constexpr int kFullAttentionPeriod = 4, kWindow = 4096;  // tokens

  struct Layer {
    Norm attention_norm, ffn_norm;
    std::unique_ptr<Attention> attention;
    std::unique_ptr<Experts> experts;
  };

  Norm norm(const Weights& w, std::string_view name) const {
    return Norm(w, name, config_.dim, NormKind::rms, config_.norm_epsilon);
  }

  Layer bind_layer(const Weights& w, int i, bool windows) const {
    AttentionSpec attention{.rope = config_.layer(i).sliding ? sliding_rope_ : rope_};
    if (windows && i % kFullAttentionPeriod == 0) attention.rope = {};
    ExpertsSpec experts = experts_of(config_);
    experts.options.normalise = true;
    experts.options.activation = {Activation::relu};
    return {.attention_norm = norm(w, "attn_norm"),
            .ffn_norm = norm(w, "ffn_norm"),
            .attention = std::make_unique<Attention>(w, config_, i, attention),
            .experts = std::make_unique<Experts>(w, config_, i, experts)};
  }

  Rope rope_, sliding_rope_;
  Norm norm_;
  std::vector<Layer> layers_;
};

}  // namespace

std::unique_ptr<Model> make_smallthinker(const Weights& weights) { return std::make_unique<SmallThinker>(weights); }

}  // namespace loam
