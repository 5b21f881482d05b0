#include "model/parts/rwkv7.h"

#include "model/parts/delta_net.h"
#include "model/parts/streams.h"
#include "ops/erasing_recurrence.h"

namespace loam {

Rwkv7Sizes::Rwkv7Sizes(const Metadata& m, const ModelConfig& c, int n)
    : dim(c.dim), head_dim(rwkv_head_size(m, c, n)), n_shifts(n) {
  const auto rank = [&](const char* name) { return m.require_integer(c.arch + ".attention." + name, 1, c.dim); };
  decay = rank("decay_lora_rank");
  rate = rank("iclr_lora_rank");
  value = rank("value_residual_mix_lora_rank");
  gate = m.integer(c.arch + ".attention.gate_lora_rank", 0, c.dim).value_or(0);
}

StateSize Rwkv7Sizes::state() const {
  return {.convolved = n_shifts * dim, .recurrent = dim * head_dim, .activations = 28 * dim + decay + rate + gate};
}

Rwkv7TimeMix::LowRank::LowRank(const Weights& l, const std::string& letter, int64_t rank, int64_t dim, bool biased)
    : down(l.linear("time_mix_" + letter + "1", {rank, dim})), up(l.linear("time_mix_" + letter + "2", {dim, rank})) {
  if (biased) bias = l.vector("time_mix_" + letter + "0", {dim});
}

Tensor Rwkv7TimeMix::LowRank::sigmoid(Ops& f, const Tensor& x) const {
  Tensor y = f.linear(f.linear(x, down), up);
  f.add_to_rows(y, bias);
  return f.activate(y, {}, {.kind = Activation::sigmoid});
}

Rwkv7TimeMix::Rwkv7TimeMix(const Weights& l, const Rwkv7Sizes& s, int layer)
    : sizes_(s),
      shift_(s.dim, 0),
      gated_(s.gate > 0 && l.has("time_mix_g1")),
      decay_(l, "w", s.decay, s.dim),
      rate_(l, "a", s.rate, s.dim),
      key_(l.linear("time_mix_key", {s.dim, s.dim})),
      value_(l.linear("time_mix_value", {s.dim, s.dim})),
      receptance_(l.linear("time_mix_receptance", {s.dim, s.dim})),
      out_(l.linear("time_mix_output", {s.dim, s.dim})),
      shares_(l.vector("time_mix_lerp_fused", {gated_ ? 6 : 5, 1, 1, s.dim})),
      found_(l.vector("time_mix_k_k", {s.dim})),
      kept_(l.vector("time_mix_k_a", {s.dim})),
      own_(l.vector("time_mix_r_k", {s.dim})) {
  own_.shape = {s.n_heads(), s.head_dim};
  if (layer > 0) first_value_ = LowRank(l, "v", s.value, s.dim);
  if (gated_) gate_ = LowRank(l, "g", s.gate, s.dim, false);
  if (!l.has("time_mix_ln")) return;
  norm_weight_ = l.vector("time_mix_ln", {s.dim});
  norm_bias_ = l.vector("time_mix_ln", {s.dim}, "bias");
  norm_weight_.shape = norm_bias_.shape = own_.shape;
}

Tensor Rwkv7TimeMix::run(Ops& f, const Tensor& x, const Batch& batch, const StateLayer& state,
                         Tensor& first_value) const {
  StateOps s(f.context(), batch);
  const Tensor step = shift_.step(f, s, x, state);
  const auto mixed = [&](int64_t i) { return shifted(f, x, step, share_of(i)); };
  OwnToken in{.r = f.linear(mixed(0), receptance_), .k = f.linear(mixed(2), key_), .v = {}};
  const Tensor decay = this->decay(f, s, mixed(1)), rate = rate_.sigmoid(f, mixed(4));
  in.v = value(f, mixed(3), first_value);
  Tensor found = copy_of(f, in.k);
  f.multiply_rows(found, found_);
  unit_heads(f, found, sizes_.head_dim, 1e-24f);
  Tensor erased = copy_of(f, found);
  f.multiply(erased, rate);
  weaken(f, in.k, rate);
  Tensor y = recur_and_erase(f.context(), batch,
                             {.n_heads = static_cast<int>(sizes_.n_heads()),
                              .q = in.r,
                              .k = in.k,
                              .v = in.v,
                              .decay = decay,
                              .found = found,
                              .erased = erased},
                             state);
  if (norm_weight_) f.head_layer_norm(y, norm_weight_, norm_bias_, sizes_.head_dim, 64e-5f);
  add_own_token(f, y, in, own_);
  if (gated_) f.multiply(y, gate(f, mixed(5)));
  return f.linear(y, out_);
}

Tensor Rwkv7TimeMix::share_of(int64_t i) const {
  Tensor share = shares_;
  share.shape = {sizes_.dim};
  share.data = share.f32() + i * sizes_.dim;
  return share;
}

// e^(−e^(−1/2) · sigmoid(…)): no key loses more than 1 − e^(−0.6065) of what it has.
Tensor Rwkv7TimeMix::decay(Ops& f, StateOps& s, const Tensor& x) const {
  Tensor inner = f.linear(x, decay_.down);
  f.softcap(inner, 1);  // tanh
  float one = 1;
  return s.bounded_decay(f.linear(inner, decay_.up), decay_.bias, {.shape = {1}, .data = &one}, 1, -0.606531f);
}

Tensor Rwkv7TimeMix::value(Ops& f, const Tensor& x, Tensor& first_value) const {
  Tensor v = f.linear(x, value_);
  if (!first_value) {
    first_value = v;
    return v;
  }
  Tensor step = copy_of(f, v);
  f.scale(step, -1);
  f.add(step, first_value);
  return shifted(f, v, step, first_value_.sigmoid(f, x));
}

// k += k · k_a · (rate − 1)
void Rwkv7TimeMix::weaken(Ops& f, Tensor& k, const Tensor& rate) const {
  Tensor part = copy_of(f, k), less = copy_of(f, rate);
  f.multiply_rows(part, kept_);
  f.multiply(less, part);
  f.scale(part, -1);
  f.add(k, less);
  f.add(k, part);
}

Tensor Rwkv7TimeMix::gate(Ops& f, const Tensor& x) const {
  return f.linear(f.activate(f.linear(x, gate_.down), {}, {.kind = Activation::sigmoid}), gate_.up);
}

}  // namespace loam
