// RWKV-6 (Finch): a state that forgets by a gate of each key, in layers that see the token before through a mixture of
// it and their own. arXiv 2404.05892.
#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <vector>

#include "base/error.h"
#include "model/arch/list.h"
#include "model/model.h"
#include "model/parts/norm.h"
#include "ops/state_ops.h"

namespace loam {
namespace {

// Extra features of what mixes tokens and of what forgets, and the features of a head.
struct Rwkv6Sizes {
  int64_t dim = 0, ffn = 0, head_dim = 0, mix = 0, decay = 0;

  Rwkv6Sizes(const Metadata& m, const ModelConfig& c) : dim(c.dim), ffn(c.ffn_dim) {
    const auto count = [&](const char* key) { return m.require_integer(c.arch + key, 1, c.dim); };
    head_dim = count(".wkv.head_size");
    mix = count(".time_mix_extra_dim");
    decay = count(".time_decay_extra_dim");
    if (dim % head_dim != 0 || ffn == 0)
      throw Error(Error::Code::model_invalid,
                  c.arch + ".wkv.head_size: does not divide the embedding_length, or " + c.arch +
                      ".feed_forward_length is missing",
                  "hparam@0");
    if (m.integer(c.arch + ".token_shift_count").value_or(2) != 2)
      throw Error(Error::Code::unsupported, c.arch + ".token_shift_count: loam knows 2", "hparam@0");
  }

  int64_t n_heads() const { return dim / head_dim; }
  // Kept of the token before: the inputs of both halves, and its key, value and decay.
  StateSize state() const {
    return {.convolved = 5 * dim, .recurrent = dim * head_dim, .activations = 24 * dim + 5 * mix + decay};
  }
};

// A layer's parts of the state, [dim] each.
enum class Before { mixed, fed, key, value, decay };

// Gives the row before each row; kernels of (1, 0).
class TokenShift {
 public:
  explicit TokenShift(int64_t dim) : weights_(static_cast<size_t>(2 * dim)), dim_(dim) {
    std::fill_n(weights_.begin(), dim, 1.0f);
  }
  Tensor operator()(StateOps& s, const Tensor& x, const StateLayer& state, Before part) const {
    const Tensor weight{.shape = {2, dim_}, .data = const_cast<float*>(weights_.data())};
    return s.convolve(x, {.weight = weight, .bias = {}, .silu = false}, state, static_cast<int64_t>(part) * dim_);
  }

 private:
  std::vector<float> weights_;
  const int64_t dim_;
};

// x + (before − x) · share, with one share for all rows or for each.
Tensor shifted(Ops& f, const Tensor& x, const Tensor& difference, const Tensor& share) {
  Tensor y;
  if (share.shape.elements() == x.shape.cols()) {
    y = f.head_part(difference, x.shape.cols(), 0, x.shape.cols());
    f.multiply_rows(y, share);
  } else {
    y = share;
    f.multiply(y, difference);
  }
  f.add(y, x);
  return y;
}

class TimeMix {
 public:
  TimeMix(const Weights& l, const Rwkv6Sizes& s)
      : sizes_(s),
        shift_(s.dim),
        share_x_(l.vector("time_mix_lerp_x", {1, 1, s.dim})),
        mix_a_(l.linear("time_mix_w1", {5 * s.mix, s.dim})),
        mix_b_(l.matrix("time_mix_w2", {5, s.dim, s.mix})),
        decay_a_(l.linear("time_mix_decay_w1", {s.decay, s.dim})),
        decay_b_(l.linear("time_mix_decay_w2", {s.dim, s.decay})),
        decay_bias_(l.vector("time_mix_decay", {s.dim})),
        first_(l.vector("time_mix_first", {s.n_heads(), s.head_dim})),
        norm_weight_(l.vector("time_mix_ln", {s.dim})),
        norm_bias_(l.vector("time_mix_ln", {s.dim}, "bias")),
        out_(l.linear("time_mix_output", {s.dim, s.dim})) {
    const char* products[] = {"key", "value", "receptance", "gate"};
    for (size_t i = 0; i < products_.size(); ++i)
      products_[i] = l.linear(std::string("time_mix_") + products[i], {s.dim, s.dim});
    norm_weight_.shape = norm_bias_.shape = {s.n_heads(), s.head_dim};
    if (l.has("time_mix_lerp_fused")) {
      shares_.push_back(l.vector("time_mix_lerp_fused", {5, 1, 1, s.dim}));
      shares_[0].shape = {5 * s.dim};
    } else {
      for (const char* letter : {"w", "k", "v", "r", "g"})
        shares_.push_back(l.vector(std::string("time_mix_lerp_") + letter, {1, 1, s.dim}));
    }
  }

  Tensor run(Ops& f, const Tensor& x, const Batch& batch, const StateLayer& state) const {
    StateOps s(f.context(), batch);
    const std::array<Tensor, 5> mixed = mix(f, s, x, state);
    std::array<Tensor, 4> products;
    for (size_t i = 0; i < products.size(); ++i) products[i] = f.linear(mixed[i + 1], products_[i]);
    const auto& [k, v, r, gate] = products;
    Tensor forget = f.linear(mixed[0], decay_a_);
    f.softcap(forget, 1);  // tanh
    const Tensor decay = s.steep_decay(f.linear(forget, decay_b_), decay_bias_);
    Tensor y = attend(f, s, {r, k, v, decay}, state);
    f.head_layer_norm(y, norm_weight_, norm_bias_, sizes_.head_dim, 64e-5f);
    return f.linear(f.activate(gate, y, {.kind = Activation::silu}), out_);
  }

 private:
  struct Inputs {
    Tensor r, k, v, decay;  // (n_tokens, dim) each
  };

  // What decay, key, value, receptance and gate are made of.
  std::array<Tensor, 5> mix(Ops& f, StateOps& s, const Tensor& x, const StateLayer& state) const {
    Tensor difference = shift_(s, x, state, Before::mixed), minus = f.head_part(x, sizes_.dim, 0, sizes_.dim);
    f.scale(minus, -1);
    f.add(difference, minus);
    Tensor extra = f.linear(shifted(f, x, difference, share_x_), mix_a_);
    f.softcap(extra, 1);                                 // tanh
    const Tensor shares = f.head_linear(extra, mix_b_);  // (n_tokens, 5 · dim)
    std::array<Tensor, 5> mixed;
    for (size_t i = 0; i < mixed.size(); ++i) {
      Tensor share = f.head_part(shares, 5 * sizes_.dim, static_cast<int64_t>(i) * sizes_.dim, sizes_.dim);
      f.add_to_rows(share, share_of(i));
      mixed[i] = shifted(f, x, difference, share);
    }
    return mixed;
  }

  Tensor share_of(size_t i) const {
    if (shares_.size() > 1) return shares_[i];
    Tensor share = shares_[0];
    share.shape = {sizes_.dim};
    share.data = share.f32() + static_cast<int64_t>(i) * sizes_.dim;
    return share;
  }

  // Reads the state as the tokens before have left it, so what they write and forget comes a row late; the token itself
  // counts times `time_mix_first`.
  Tensor attend(Ops& f, StateOps& s, const Inputs& in, const StateLayer& state) const {
    const Tensor k = shift_(s, in.k, state, Before::key), v = shift_(s, in.v, state, Before::value);
    const Tensor decay = shift_(s, in.decay, state, Before::decay);
    const std::vector<float> ones(static_cast<size_t>(sizes_.n_heads()), 1.0f);
    Columns write;
    write.first = ones.data();
    write.n_rows = in.k.shape.rows();
    write.n = std::ssize(ones);
    const int n_heads = static_cast<int>(sizes_.n_heads());
    Tensor y = s.recur({.n_heads = n_heads,
                        .n_key_heads = n_heads,
                        .q = in.r,
                        .k = k,
                        .v = v,
                        .decay = decay,
                        .write = write,
                        .skip = {}},
                       state);
    add_own(f, y, in);
    return y;
  }

  // y += v · Σ r·first·k, of each head.
  void add_own(Ops& f, Tensor& y, const Inputs& in) const {
    const int64_t head_dim = sizes_.head_dim;
    ThreadPool& pool = f.context().pool;
    pool.run([&](int thread) {
      const auto [begin, end] = ThreadPool::split(y.shape.rows() * sizes_.n_heads(), 1, thread, pool.size());
      for (int64_t i = begin; i < end; ++i) {
        const int64_t first = i * head_dim;
        const float *r = in.r.f32() + first, *k = in.k.f32() + first, *v = in.v.f32() + first;
        const float* u = first_.f32() + i % sizes_.n_heads() * head_dim;
        float sum = 0;
        for (int64_t j = 0; j < head_dim; ++j) sum += r[j] * u[j] * k[j];
        for (int64_t j = 0; j < head_dim; ++j) y.f32()[first + j] += sum * v[j];
      }
    });
  }

  const Rwkv6Sizes sizes_;
  const TokenShift shift_;
  Tensor share_x_;
  std::vector<Tensor> shares_;  // of decay, key, value, receptance and gate, or one with all of them
  Linear mix_a_;
  Tensor mix_b_;
  Linear decay_a_, decay_b_;
  Tensor decay_bias_, first_, norm_weight_, norm_bias_;
  std::array<Linear, 4> products_;  // of key, value, receptance and gate
  Linear out_;
};

class ChannelMix {
 public:
  ChannelMix(const Weights& l, const Rwkv6Sizes& s)
      : shift_(s.dim),
        share_k_(l.vector("channel_mix_lerp_k", {1, 1, s.dim})),
        share_r_(l.vector("channel_mix_lerp_r", {1, 1, s.dim})),
        key_(l.linear("channel_mix_key", {s.ffn, s.dim})),
        value_(l.linear("channel_mix_value", {s.dim, s.ffn})),
        receptance_(l.linear("channel_mix_receptance", {s.dim, s.dim})) {}

  Tensor run(Ops& f, const Tensor& x, const Batch& batch, const StateLayer& state) const {
    StateOps s(f.context(), batch);
    Tensor difference = shift_(s, x, state, Before::fed), minus = f.head_part(x, x.shape.cols(), 0, x.shape.cols());
    f.scale(minus, -1);
    f.add(difference, minus);
    const Tensor k = f.plain_ffn(shifted(f, x, difference, share_k_), key_, value_, {.kind = Activation::relu_squared});
    return f.activate(f.linear(shifted(f, x, difference, share_r_), receptance_), k, {.kind = Activation::sigmoid});
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
      layers_.push_back({norm(l, "attn_norm"), norm(l, "attn_norm_2"), TimeMix(l, sizes), ChannelMix(l, sizes)});
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
    TimeMix time_mix;
    ChannelMix channel_mix;
  };

  int rescale_ = 0;  // layers behind each of which the residual is halved; 0: never
  Norm embedding_norm_, norm_;
  std::vector<Layer> layers_;
};

}  // namespace

std::unique_ptr<Model> make_rwkv6(const Weights& weights) { return std::make_unique<Rwkv6>(weights); }

}  // namespace loam
