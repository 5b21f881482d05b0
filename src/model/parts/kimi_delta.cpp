#include "model/parts/kimi_delta.h"

#include <cmath>
#include <string>

#include "model/parts/delta_net.h"

namespace loam {

KimiDeltaSizes KimiDeltaSizes::read(const Metadata& metadata, const ModelConfig& c) {
  return {.kernel = static_cast<int>(metadata.require_integer(c.arch + ".ssm.conv_kernel", 2, 64)),
          .n_heads = c.n_heads,
          .head_dim = metadata.require_integer(c.arch + ".kda.head_dim", 1, 8192)};
}

StateSize KimiDelta::state_size(const KimiDeltaSizes& s) {
  return {.convolved = (s.kernel - 1) * 3 * s.inner(),
          .recurrent = s.inner() * s.head_dim,
          .activations = 11 * s.inner() + 2 * (s.head_dim + s.n_heads)};
}

KimiDelta::KimiDelta(const Weights& l, const ModelConfig& c, int layer, const KimiDeltaSizes& s)
    : layer_(layer),
      sizes_(s),
      epsilon_(c.norm_epsilon),
      forget_(bind_factored(l, c.dim, "ssm_f_a", "ssm_f_b")),
      gate_(bind_factored(l, c.dim, l.has("ssm_g") ? "ssm_g" : "ssm_g_a", "ssm_g_b")),
      beta_(l.linear("ssm_beta", {s.n_heads, c.dim})),
      out_{.weight = l.matrix("attn_output", {c.dim, s.inner()}), .bias = {}},
      dt_bias_(l.vector("ssm_dt", {s.inner()}, "bias")),
      rate_(bind_rates(l)),
      norm_(l.vector("ssm_norm", {s.head_dim})) {
  for (size_t i = 0; i < qkv_.size(); ++i) {
    const std::string letter(1, "qkv"[i]);
    qkv_[i].weight = l.matrix("attn_" + letter, {s.inner(), c.dim});
    convolutions_[i].weight = l.transposed("ssm_conv1d_" + letter, {1, s.inner(), 1, s.kernel});
  }
}

KimiDelta::Factored KimiDelta::bind_factored(const Weights& l, int64_t dim, std::string_view a,
                                             std::string_view b) const {
  if (!l.has(b)) return {.a = l.linear(a, {sizes_.inner(), dim}), .b = {}};
  return {.a = l.linear(a, {sizes_.head_dim, dim}), .b = l.linear(b, {sizes_.inner(), sizes_.head_dim})};
}

// One for each head; some files have them as a matrix of one column.
Tensor KimiDelta::bind_rates(const Weights& l) const {
  const TensorInfo* info = l.file().find("blk." + std::to_string(layer_) + ".ssm_a");
  if (info && info->shape.rank() == 1) return l.vector("ssm_a", {sizes_.n_heads});
  return l.vector("ssm_a", {1, 1, sizes_.n_heads, 1});
}

Tensor KimiDelta::Factored::operator()(Ops& f, const Tensor& x) const {
  const Tensor y = f.linear(x, a);
  return b.weight ? f.linear(y, b) : y;
}

Tensor KimiDelta::decay(Ops& f, StateOps& s, const Tensor& x) const {
  const Tensor forget = forget_(f, x);
  if (sizes_.bound == 0) return s.decay(forget, dt_bias_, rate_).decay;
  return s.bounded_decay(forget, dt_bias_, rate_, sizes_.factor, sizes_.bound);
}

Tensor KimiDelta::run(Ops& f, const Tensor& x, const Batch& batch, KvCache& cache) const {
  StateOps s(f.context(), batch);
  const StateLayer& state = cache.states().layer(layer_);
  const int64_t inner = sizes_.inner(), head = sizes_.head_dim;
  std::vector<Tensor> qkv = f.linears(x, {&qkv_[0], &qkv_[1], &qkv_[2]});
  for (size_t i = 0; i < qkv.size(); ++i)
    qkv[i] = s.convolve(qkv[i], convolutions_[i], state, static_cast<int64_t>(i) * inner);
  unit_heads(f, qkv[0], head, epsilon_, 1 / std::sqrt(static_cast<float>(head)));
  unit_heads(f, qkv[1], head, epsilon_);
  const Tensor kept = decay(f, s, x);
  const Tensor write = f.activate(f.linear(x, beta_), {}, {.kind = Activation::sigmoid});
  Tensor y = s.recur({.n_heads = static_cast<int>(sizes_.n_heads),
                      .n_key_heads = static_cast<int>(sizes_.n_heads),
                      .interleaved = false,
                      .delta = true,
                      .q = qkv[0],
                      .k = qkv[1],
                      .v = qkv[2],
                      .decay = kept,
                      .write = write,
                      .skip = {}},
                     state);
  f.head_norm(y, norm_, epsilon_);
  return f.linear(f.activate(gate_(f, x), y, {.kind = Activation::sigmoid}), out_);
}

}  // namespace loam
