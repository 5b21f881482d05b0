#include "model/parts/delta_net.h"

#include <cmath>
#include <vector>

namespace loam {
namespace {

int64_t keys_of(const SsmConfig& ssm) { return ssm.n_groups * ssm.n_states; }
int64_t delta_channels(const SsmConfig& ssm) { return 2 * keys_of(ssm) + ssm.inner; }

}  // namespace

// By the root of the mean, as norms do it: that is |x|/√n.
void unit_heads(Ops& f, Tensor& x, int64_t head_dim, float epsilon, float factor) {
  const auto n = static_cast<float>(head_dim);
  f.head_norm(x, {}, head_dim, epsilon / n);
  f.scale(x, factor / std::sqrt(n));
}

StateSize DeltaNet::state_size(const SsmConfig& ssm) {
  return {.convolved = (ssm.kernel - 1) * delta_channels(ssm),
          .recurrent = ssm.n_states * ssm.inner,
          .activations = 3 * delta_channels(ssm) + 4 * ssm.inner + 6 * ssm.time_step_rank};
}

DeltaNet::DeltaNet(const Weights& l, const ModelConfig& c, int layer, const SsmConfig& ssm, bool interleaved,
                   const Activation& gate)
    : layer_(layer),
      ssm_(ssm),
      epsilon_(c.norm_epsilon),
      interleaved_(interleaved),
      activation_(gate),
      out_(l.linear("ssm_out", {c.dim, ssm.inner})),
      convolution_{.weight = l.transposed("ssm_conv1d", {delta_channels(ssm), ssm.kernel}), .bias = {}},
      dt_bias_(l.vector("ssm_dt", {ssm.time_step_rank}, "bias")),
      rate_(l.vector("ssm_a", {ssm.time_step_rank})),
      norm_(l.vector("ssm_norm", {ssm.inner / ssm.time_step_rank})) {
  if (l.has("attn_qkv")) {
    qkv_ = l.linear("attn_qkv", {delta_channels(ssm), c.dim});
    gate_ = l.linear("attn_gate", {ssm.inner, c.dim});
  } else {
    joined_ = l.linear("ssm_in", {delta_channels(ssm) + ssm.inner, c.dim});
  }
  if (l.has("ssm_ba")) {
    alpha_beta_ = l.linear("ssm_ba", {2 * ssm.time_step_rank, c.dim});
  } else {
    alpha_ = l.linear("ssm_alpha", {ssm.time_step_rank, c.dim});
    beta_ = l.linear("ssm_beta", {ssm.time_step_rank, c.dim});
  }
}

DeltaNet::Inputs DeltaNet::project(Ops& f, const Tensor& x) const {
  Inputs in;
  const int64_t keys = ssm_.n_states, values = ssm_.inner / ssm_.n_groups;  // of a group
  if (joined_.weight.shape.rank() > 0) {
    const Tensor joined = f.linear(x, joined_);
    const int64_t all = 2 * (keys + values);
    const Tensor qk = f.join_heads(f.head_part(joined, all, 0, keys), keys_of(ssm_),
                                   f.head_part(joined, all, keys, keys), keys_of(ssm_));
    in.qkv = f.join_heads(qk, 2 * keys_of(ssm_), f.head_part(joined, all, 2 * keys, values), ssm_.inner);
    in.z = f.head_part(joined, all, 2 * keys + values, values);
  } else {
    const std::vector<Tensor> both = f.linears(x, {&qkv_, &gate_});
    in.qkv = both[0], in.z = both[1];
  }
  if (alpha_beta_.weight.shape.rank() > 0) {
    const Tensor joined = f.linear(x, alpha_beta_);
    const int64_t heads = ssm_.time_step_rank / ssm_.n_groups;
    in.beta = f.head_part(joined, 2 * heads, 0, heads);
    in.alpha = f.head_part(joined, 2 * heads, heads, heads);
  } else {
    const std::vector<Tensor> both = f.linears(x, {&alpha_, &beta_});
    in.alpha = both[0], in.beta = both[1];
  }
  return in;
}

Tensor DeltaNet::run(Ops& f, const Tensor& x, const Batch& batch, KvCache& cache) const {
  StateOps s(f.context(), batch);
  StateLayer state = cache.states().layer(layer_);
  state.n_recurrent = state_size(ssm_).recurrent;  // what stands behind is another part's
  const int64_t keys = keys_of(ssm_), n_keys = ssm_.n_states, n_heads = ssm_.time_step_rank;
  const Inputs in = project(f, x);
  const Tensor mixed = s.convolve(in.qkv, convolution_, state);
  Tensor q = f.head_part(mixed, delta_channels(ssm_), 0, keys),
         k = f.head_part(mixed, delta_channels(ssm_), keys, keys);
  unit_heads(f, q, n_keys, epsilon_, 1 / std::sqrt(static_cast<float>(n_keys)));
  unit_heads(f, k, n_keys, epsilon_);
  const Tensor decay = s.decay(in.alpha, dt_bias_, rate_).decay;
  Tensor y = s.recur({.n_heads = static_cast<int>(n_heads),
                      .n_key_heads = static_cast<int>(ssm_.n_groups),
                      .interleaved = interleaved_,
                      .delta = true,
                      .q = q,
                      .k = k,
                      .v = Columns(mixed, 2 * keys, ssm_.inner),
                      .decay = decay,
                      .write = f.activate(in.beta, {}, {.kind = Activation::sigmoid}),
                      .skip = {}},
                     state);
  f.head_norm(y, norm_, epsilon_);
  return f.linear(f.activate(in.z, y, activation_), out_);
}

}  // namespace loam
