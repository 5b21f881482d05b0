// Gemma 4 (text) without experts: Gemma 3's layers with heads of two sizes, a factor of each layer's output, and, in
// the small ones, an embedding of its own for every layer and later layers that attend to an earlier one's keys and
// values.
#include <cmath>
#include <memory>
#include <vector>

#include "base/error.h"
#include "model/arch/list.h"
#include "model/model.h"
#include "model/parts/feed_forward.h"
#include "model/parts/norm.h"
#include "model/parts/rotation.h"
#include "model/parts/shared_keys.h"

namespace loam {
namespace {

constexpr int kGemma4Period = 6;  // five layers with a window, one without, where the file gives no pattern

struct Gemma4Layer {
  // `features`: of the layer's own embedding; 0: none.
  Gemma4Layer(const Weights& l, const ModelConfig& c, int i, int source, int64_t features)
      : attention(l, c, i, source),
        ffn(l, c.dim, c.layer(i).ffn_dim, {.activation = {Activation::gelu}}, c.norm_epsilon) {
    const auto norm = [&](const char* name) { return Norm(l, name, c.dim, NormKind::rms, c.norm_epsilon); };
    before_attention = norm("attn_norm"), after_attention = norm("post_attention_norm");
    before_ffn = norm("ffn_norm"), after_ffn = norm("post_ffw_norm");
    if (l.has("layer_output_scale")) output_scale = l.vector("layer_output_scale", {1});
    if (features == 0) return;
    own_gate = l.linear("inp_gate", {features, c.dim});
    own_up = l.linear("proj", {c.dim, features});
    after_own = norm("post_norm");
  }

  // `own`: the layer's own embedding of each token, (n_tokens, features), or empty.
  void run(Ops& f, Tensor& x, const Tensor& own, const Rope& rope, const Batch& batch, KvCache& cache) const {
    f.add(x, after_attention(f, attention.run(f, before_attention(f, x), rope, batch, cache)));
    f.add(x, after_ffn(f, ffn.run(f, before_ffn(f, x), batch)));
    if (own) {
      const Tensor gated = f.activate(f.linear(x, own_gate), own, {.kind = Activation::gelu});
      f.add(x, after_own(f, f.linear(gated, own_up)));
    }
    if (output_scale) f.scale(x, output_scale.f32()[0]);
  }

  SharedKeysAttention attention;
  DenseFfn ffn;
  Linear own_gate, own_up;
  Tensor output_scale;
  Norm before_attention, after_attention, before_ffn, after_ffn, after_own;
};

class Gemma4 final : public Model {
 public:
  explicit Gemma4(const Weights& w) : Model(w) {
    ModelConfig& c = config_;
    if (c.n_experts > 0)
      throw Error(Error::Code::unsupported, c.arch + ".expert_count: loam has no code for Gemma 4's experts",
                  "hparam@0");
    c.slide_by_default(kGemma4Period);
    const auto count = [&](const char* key, int64_t most) {
      return w.metadata().integer(c.arch + key, 0, most).value_or(0);
    };
    features_ = count(".embedding_length_per_layer_input", c.dim);
    const int n_own = c.n_layers - static_cast<int>(count(".attention.shared_kv_layers", c.n_layers - 1));
    rope_ = bind_rope(w, c.rope, RopePairs::halves);
    sliding_rope_ = make_rope(c.sliding_rope, /*adjacent=*/false);
    bind_ends();
    norm_ = Norm(w, "output_norm", c.dim, NormKind::rms, c.norm_epsilon);
    if (features_ > 0) embeddings_ = LayerEmbeddings(w, c, features_);
    for (int i = 0; i < c.n_layers; ++i) {
      const int source = source_of_keys(c, i, n_own);
      layers_.emplace_back(w.scope("blk", i), c, i, source, features_);
      if (source != i) c.layer(i).n_kv_heads = 0;
    }
  }

  Tensor hidden(Context& context, const Batch& batch, KvCache& cache) const override {
    Ops f(context);
    Tensor x = f.embed(ends_.embed, batch.tokens, std::sqrt(static_cast<float>(config_.dim)));
    const Tensor own = features_ > 0 ? embeddings_.run(f, x, batch) : Tensor{};
    for (int i = 0; i < config_.n_layers; ++i) {
      const Arena::Scope layer_memory(context.arena);
      const Tensor mine = own ? f.head_part(own, own.shape.cols(), i * features_, features_) : Tensor{};
      layers_[static_cast<size_t>(i)].run(f, x, mine, config_.layer(i).sliding ? sliding_rope_ : rope_, batch, cache);
    }
    if (batch.logit_rows.empty()) return {};
    return norm_(f, f.rows(x, batch.logit_rows));
  }

  Tensor logits(Ops& f, const Tensor& hidden) const override {
    Tensor logits = Model::logits(f, hidden);
    if (config_.final_softcap != 0) f.softcap(logits, config_.final_softcap);
    return logits;
  }

 private:
  int64_t features_ = 0;
  Norm norm_;
  Rope rope_, sliding_rope_;
  LayerEmbeddings embeddings_;
  std::vector<Gemma4Layer> layers_;
};

}  // namespace

std::unique_ptr<Model> make_gemma4(const Weights& weights) { return std::make_unique<Gemma4>(weights); }

}  // namespace loam
