#include "model/parts/rwkv.h"

#include <algorithm>
#include <string>

#include "base/error.h"
#include "model/parts/streams.h"

namespace loam {

int64_t rwkv_head_size(const Metadata& m, const ModelConfig& c, int n_shifts) {
  const int64_t head_size = m.require_integer(c.arch + ".wkv.head_size", 1, c.dim);
  if (c.dim % head_size != 0 || c.ffn_dim == 0)
    throw Error(Error::Code::model_invalid,
                c.arch + ".wkv.head_size: does not divide the embedding_length, or " + c.arch +
                    ".feed_forward_length is missing",
                "hparam@0");
  if (m.integer(c.arch + ".token_shift_count").value_or(n_shifts) != n_shifts)
    throw Error(Error::Code::unsupported, c.arch + ".token_shift_count: loam knows " + std::to_string(n_shifts),
                "hparam@0");
  return head_size;
}

TokenShift::TokenShift(int64_t dim, int place)
    : dim_(dim), place_(place * dim), weights_(static_cast<size_t>(2 * dim)) {
  std::fill_n(weights_.begin(), dim, 1.0f);
}

Tensor TokenShift::before(StateOps& s, const Tensor& x, const StateLayer& state) const {
  const Tensor weight{.shape = {2, dim_}, .data = const_cast<float*>(weights_.data())};
  return s.convolve(x, {.weight = weight, .bias = {}, .silu = false}, state, place_);
}

Tensor TokenShift::step(Ops& f, StateOps& s, const Tensor& x, const StateLayer& state) const {
  Tensor step = before(s, x, state), minus = copy_of(f, x);
  f.scale(minus, -1);
  f.add(step, minus);
  return step;
}

Tensor shifted(Ops& f, const Tensor& x, const Tensor& step, const Tensor& share) {
  Tensor y;
  if (share.shape.elements() == x.shape.cols()) {
    y = copy_of(f, step);
    f.multiply_rows(y, share);
  } else {
    y = share;
    f.multiply(y, step);
  }
  f.add(y, x);
  return y;
}

void add_own_token(Ops& f, Tensor& y, const OwnToken& own, const Tensor& weight) {
  const int64_t n_heads = weight.shape.rows(), head_dim = weight.shape.cols();
  ThreadPool& pool = f.context().pool;
  pool.run([&](int thread) {
    const auto [begin, end] = ThreadPool::split(y.shape.rows() * n_heads, 1, thread, pool.size());
    for (int64_t i = begin; i < end; ++i) {
      const int64_t first = i * head_dim;
      const float *r = own.r.f32() + first, *k = own.k.f32() + first, *v = own.v.f32() + first;
      const float* u = weight.row(i % n_heads);
      float sum = 0;
      for (int64_t j = 0; j < head_dim; ++j) sum += r[j] * u[j] * k[j];
      for (int64_t j = 0; j < head_dim; ++j) y.f32()[first + j] += sum * v[j];
    }
  });
}

Rwkv6Inputs::Rwkv6Inputs(const Weights& l, const Sizes& s)
    : dim_(s.dim),
      shift_(s.dim, 0),
      share_x_(l.vector("time_mix_lerp_x", {1, 1, s.dim})),
      mix_a_(l.linear("time_mix_w1", {5 * s.mix, s.dim})),
      mix_b_(l.matrix("time_mix_w2", {5, s.dim, s.mix})),
      decay_a_(l.linear("time_mix_decay_w1", {s.decay, s.dim})),
      decay_b_(l.linear("time_mix_decay_w2", {s.dim, s.decay})),
      decay_bias_(l.vector("time_mix_decay", {s.dim})) {
  if (l.has("time_mix_lerp_fused")) {
    shares_.push_back(l.vector("time_mix_lerp_fused", {5, 1, 1, s.dim}));
    shares_[0].shape = {5 * s.dim};
  } else {
    for (const char* letter : {"w", "k", "v", "r", "g"})
      shares_.push_back(l.vector(std::string("time_mix_lerp_") + letter, {1, 1, s.dim}));
  }
}

std::array<Tensor, 5> Rwkv6Inputs::mix(Ops& f, StateOps& s, const Tensor& x, const StateLayer& state) const {
  const Tensor step = shift_.step(f, s, x, state);
  Tensor extra = f.linear(shifted(f, x, step, share_x_), mix_a_);
  f.softcap(extra, 1);                                 // tanh
  const Tensor shares = f.head_linear(extra, mix_b_);  // (n_tokens, 5 · dim)
  std::array<Tensor, 5> mixed;
  for (size_t i = 0; i < mixed.size(); ++i) {
    Tensor share = f.head_part(shares, 5 * dim_, static_cast<int64_t>(i) * dim_, dim_);
    f.add_to_rows(share, share_of(i));
    mixed[i] = shifted(f, x, step, share);
  }
  return mixed;
}

Tensor Rwkv6Inputs::share_of(size_t i) const {
  if (shares_.size() > 1) return shares_[i];
  Tensor share = shares_[0];
  share.shape = {dim_};
  share.data = share.f32() + static_cast<int64_t>(i) * dim_;
  return share;
}

Tensor Rwkv6Inputs::decay(Ops& f, StateOps& s, const Tensor& mixed) const {
  Tensor forget = f.linear(mixed, decay_a_);
  f.softcap(forget, 1);  // tanh
  return s.steep_decay(f.linear(forget, decay_b_), decay_bias_);
}

}  // namespace loam
