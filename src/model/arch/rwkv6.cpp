// RWKV-6 (Finch): a state that forgets by a gate of each key, in layers that see the token before through a mixture of
// it and their own. arXiv 2404.05892.
#include <array>
#include <memory>
#include <string>
#include <vector>

#include "model/arch/list.h"
#include "model/model.h"
#include "model/parts/norm.h"
#include "model/parts/rwkv.h"
#include "ops/state_ops.h"

namespace loam {
namespace {

// A layer's parts of the state, [dim] each: the inputs of both halves, and key, value and decay of the token before.
enum Rwkv6Before { kMixedBefore, kFedBefore, kKeyBefore, kValueBefore, kDecayBefore, kRwkv6Parts };

// Extra features of what mixes tokens and of what forgets, and the features of a head.
struct Rwkv6Sizes {
  int64_t dim = 0, ffn = 0, head_dim = 0, mix = 0, decay = 0;

  Rwkv6Sizes(const Metadata& m, const ModelConfig& c) : dim(c.dim), ffn(c.ffn_dim), head_dim(rwkv_head_size(m, c, 2)) {
    mix = m.require_integer(c.arch + ".time_mix_extra_dim", 1, c.dim);
    decay = m.require_integer(c.arch + ".time_decay_extra_dim", 1, c.dim);
  }

  int64_t n_heads() const { return dim / head_dim; }
  StateSize state() const {
    return {.convolved = kRwkv6Parts * dim, .recurrent = dim * head_dim, .activations = 24 * dim + 5 * mix + decay};
  }
};

class Rwkv6TimeMix {
 public:
  Rwkv6TimeMix(const Weights& l, const Rwkv6Sizes& s)
      : sizes_(s),
        inputs_(l, {.dim = s.dim, .mix = s.mix, .decay = s.decay}),
        key_before_(s.dim, kKeyBefore),
        value_before_(s.dim, kValueBefore),
        decay_before_(s.dim, kDecayBefore),
        first_(l.vector("time_mix_first", {s.n_heads(), s.head_dim})),
        norm_weight_(l.vector("time_mix_ln", {s.dim})),
        norm_bias_(l.vector("time_mix_ln", {s.dim}, "bias")),
        out_(l.linear("time_mix_output", {s.dim, s.dim})) {
    const char* products[] = {"key", "value", "receptance", "gate"};
    for (size_t i = 0; i < products_.size(); ++i)
      products_[i] = l.linear(std::string("time_mix_") + products[i], {s.dim, s.dim});
    norm_weight_.shape = norm_bias_.shape = {s.n_heads(), s.head_dim};
  }

  Tensor run(Ops& f, const Tensor& x, const Batch& batch, const StateLayer& state) const {
    StateOps s(f.context(), batch);
    const std::array<Tensor, 5> mixed = inputs_.mix(f, s, x, state);
    std::array<Tensor, 4> products;
    for (size_t i = 0; i < products.size(); ++i) products[i] = f.linear(mixed[i + 1], products_[i]);
    const auto& [k, v, r, gate] = products;
    Tensor y = attend(s, {.r = r, .k = k, .v = v}, inputs_.decay(f, s, mixed[0]), state);
    add_own_token(f, y, {.r = r, .k = k, .v = v}, first_);
    f.head_layer_norm(y, norm_weight_, norm_bias_, sizes_.head_dim, 64e-5f);
    return f.linear(f.activate(gate, y, {.kind = Activation::silu}), out_);
  }

 private:
  // Reads the state as the tokens before have left it, so what they write and forget comes a row late; the token itself
  // counts times `time_mix_first`.
  Tensor attend(StateOps& s, const OwnToken& in, const Tensor& decay, const StateLayer& state) const {
    const std::vector<float> ones(static_cast<size_t>(sizes_.n_heads()), 1.0f);
    Columns write;
    write.first = ones.data();
    write.n_rows = in.k.shape.rows();
    write.n = std::ssize(ones);
    const int n_heads = static_cast<int>(sizes_.n_heads());
    return s.recur({.n_heads = n_heads,
                    .n_key_heads = n_heads,
                    .q = in.r,
                    .k = key_before_.before(s, in.k, state),
                    .v = value_before_.before(s, in.v, state),
                    .decay = decay_before_.before(s, decay, state),
                    .write = write,
                    .skip = {}},
                   state);
  }

  const Rwkv6Sizes sizes_;
  const Rwkv6Inputs inputs_;
  const TokenShift key_before_, value_before_, decay_before_;
  Tensor first_, norm_weight_, norm_bias_;
  std::array<Linear, 4> products_;  // of key, value, receptance and gate
  Linear out_;
};

class Rwkv6ChannelMix {
 public:
  Rwkv6ChannelMix(const Weights& l, const Rwkv6Sizes& s)
      : shift_(s.dim, kFedBefore),
        share_k_(l.vector("channel_mix_lerp_k", {1, 1, s.dim})),
        share_r_(l.vector("channel_mix_lerp_r", {1, 1, s.dim})),
        key_(l.linear("channel_mix_key", {s.ffn, s.dim})),
        value_(l.linear("channel_mix_value", {s.dim, s.ffn})),
        receptance_(l.linear("channel_mix_receptance", {s.dim, s.dim})) {}

  Tensor run(Ops& f, const Tensor& x, const Batch& batch, const StateLayer& state) const {
    StateOps s(f.context(), batch);
    const Tensor step = shift_.step(f, s, x, state);
    const Tensor k = f.plain_ffn(shifted(f, x, step, share_k_), key_, value_, {.kind = Activation::relu_squared});
    return f.activate(f.linear(shifted(f, x, step, share_r_), receptance_), k, {.kind = Activation::sigmoid});
  }

 private:
  const TokenShift shift_;
  Tensor share_k_, share_r_;
  Linear key_, value_, receptance_;
};

class Rwkv6 final : public Model {
 public:
  explicit Rwkv6(const Weights& w) : Model(w) {
    ModelConfig& c = config_;
    const Rwkv6Sizes sizes(w.metadata(), c);
    rescale_ = static_cast<int>(w.metadata().integer(c.arch + ".rescale_every_n_layers", 0, INT32_MAX).value_or(0));
    bind_ends();
    const auto norm = [&](const Weights& l, const char* name) {
      return Norm(l, name, c.dim, NormKind::layer, c.layer_norm_epsilon);
    };
    embedding_norm_ = norm(w, "token_embd_norm");
    norm_ = norm(w, "output_norm");
    for (int i = 0; i < c.n_layers; ++i) {
      c.keep_state(i, sizes.state());
      const Weights l = w.scope("blk", i);
      layers_.push_back(
          {norm(l, "attn_norm"), norm(l, "attn_norm_2"), Rwkv6TimeMix(l, sizes), Rwkv6ChannelMix(l, sizes)});
    }
  }

  Tensor hidden(Context& context, const Batch& batch, KvCache& cache) const override {
    Ops f(context);
    Tensor x = embedding_norm_(f, f.embed(ends_.embed, batch.tokens));  // (n_tokens, dim)
    for (int i = 0; i < config_.n_layers; ++i) {
      const Layer& layer = layers_[static_cast<size_t>(i)];
      const StateLayer& state = cache.states().layer(i);
      {
        const Arena::Scope mixer_memory(context.arena);
        f.add(x, layer.time_mix.run(f, layer.before_mixer(f, x), batch, state));
      }
      const Arena::Scope ffn_memory(context.arena);
      f.add(x, layer.channel_mix.run(f, layer.before_ffn(f, x), batch, state));
      if (rescale_ > 0 && (i + 1) % rescale_ == 0) f.scale(x, 0.5f);
    }
    if (batch.logit_rows.empty()) return {};
    return norm_(f, f.rows(x, batch.logit_rows));
  }

 private:
  struct Layer {
    Norm before_mixer, before_ffn;
    Rwkv6TimeMix time_mix;
    Rwkv6ChannelMix channel_mix;
  };

  int rescale_ = 0;  // layers behind each of which the residual is halved; 0: never
  Norm embedding_norm_, norm_;
  std::vector<Layer> layers_;
};

}  // namespace

std::unique_ptr<Model> make_rwkv6(const Weights& weights) { return std::make_unique<Rwkv6>(weights); }

}  // namespace loam
