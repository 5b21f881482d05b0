// RWKV-7 (Goose): a state whose heads replace what a key finds by its value, at a rate that each token gives; and
// ARWKV, which is Qwen2 with that instead of attention. arXiv 2503.14456, 2501.15570.
#include <optional>
#include <vector>

#include "model/arch/list.h"
#include "model/model.h"
#include "model/parts/feed_forward.h"
#include "model/parts/norm.h"
#include "model/parts/rwkv.h"
#include "model/parts/rwkv7.h"

namespace loam {
namespace {

// RWKV-7's feed-forward half, which sees the token before, too.
class Rwkv7ChannelMix {
 public:
  Rwkv7ChannelMix(const Weights& l, const ModelConfig& c)
      : shift_(c.dim, 1),
        share_(l.vector("channel_mix_lerp_k", {1, 1, c.dim})),
        key_(l.linear("channel_mix_key", {c.ffn_dim, c.dim})),
        value_(l.linear("channel_mix_value", {c.dim, c.ffn_dim})) {}

  Tensor run(Ops& f, const Tensor& x, const Batch& batch, const StateLayer& state) const {
    StateOps s(f.context(), batch);
    const Tensor mixed = shifted(f, x, shift_.step(f, s, x, state), share_);
    return f.plain_ffn(mixed, key_, value_, {.kind = Activation::relu_squared});
  }

 private:
  const TokenShift shift_;
  Tensor share_;
  Linear key_, value_;
};

class Rwkv7 final : public Model {
 public:
  explicit Rwkv7(const Weights& w) : Model(w) {
    ModelConfig& c = config_;
    const bool own = c.arch == "rwkv7";
    const Rwkv7Sizes sizes(w.metadata(), c, own ? 2 : 1);
    const auto norm = [&](const Weights& l, const char* name) {
      return Norm(l, name, c.dim, own ? NormKind::layer : NormKind::rms, own ? c.layer_norm_epsilon : c.norm_epsilon);
    };
    bind_ends();
    if (own) embedding_norm_ = norm(w, "token_embd_norm");
    norm_ = norm(w, "output_norm");
    for (int i = 0; i < c.n_layers; ++i) {
      c.keep_state(i, sizes.state());
      const Weights l = w.scope("blk", i);
      layers_.push_back({norm(l, "attn_norm"), norm(l, own ? "attn_norm_2" : "ffn_norm"), {l, sizes, i}, {}, {}});
      if (own)
        layers_.back().channel_mix.emplace(l, c);
      else
        layers_.back().ffn.emplace(l, c.dim, c.ffn_dim, FfnSpec{}, c.norm_epsilon);
    }
  }

  Tensor hidden(Context& context, const Batch& batch, KvCache& cache) const override {
    Ops f(context);
    Tensor x = embedding_norm_(f, f.embed(ends_.embed, batch.tokens)), first_value;  // (n_tokens, dim)
    for (int i = 0; i < config_.n_layers; ++i) run(f, i, x, batch, cache.states().layer(i), first_value);
    if (batch.logit_rows.empty()) return {};
    return norm_(f, f.rows(x, batch.logit_rows));
  }

 private:
  struct Layer {
    Norm before_mixer, before_ffn;
    Rwkv7TimeMix time_mix;
    std::optional<Rwkv7ChannelMix> channel_mix;
    std::optional<DenseFfn> ffn;
  };

  void run(Ops& f, int i, Tensor& x, const Batch& batch, const StateLayer& state, Tensor& first_value) const {
    const Layer& layer = layers_[static_cast<size_t>(i)];
    Arena& arena = f.context().arena;
    std::optional<Arena::Scope> layer_memory;
    if (i > 0) layer_memory.emplace(arena);  // what the first one leaves is read by the others
    f.add(x, layer.time_mix.run(f, layer.before_mixer(f, x), batch, state, first_value));
    const Tensor h = layer.before_ffn(f, x);
    f.add(x, layer.ffn ? layer.ffn->run(f, h, batch) : layer.channel_mix->run(f, h, batch, state));
  }

  Norm embedding_norm_, norm_;
  std::vector<Layer> layers_;
};

}  // namespace

std::unique_ptr<Model> make_rwkv7(const Weights& weights) { return std::make_unique<Rwkv7>(weights); }

}  // namespace loam
