#include "model/parts/mamba.h"

namespace loam {
namespace {

// Channels of Mamba-2's convolution: x, and b and c of each group.
int64_t mamba2_channels(const SsmConfig& ssm) { return ssm.inner + 2 * ssm.n_groups * ssm.n_states; }

}  // namespace

StateSize Mamba::state_size(const SsmConfig& ssm) {
  return {.convolved = (ssm.kernel - 1) * ssm.inner,
          .recurrent = ssm.n_states * ssm.inner,
          .activations = 7 * ssm.inner + 2 * (ssm.time_step_rank + 2 * ssm.n_states)};
}

Mamba::Mamba(const Weights& l, const ModelConfig& c, int layer, const SsmConfig& ssm)
    : layer_(layer),
      ssm_(ssm),
      epsilon_(c.norm_epsilon),
      norms_(ssm.norms || l.has("ssm_dt_norm")),
      in_(l.linear("ssm_in", {2 * ssm.inner, c.dim})),
      x_(l.linear("ssm_x", {ssm.time_step_rank + 2 * ssm.n_states, ssm.inner})),
      dt_(l.linear("ssm_dt", {ssm.inner, ssm.time_step_rank})),
      out_(l.linear("ssm_out", {c.dim, ssm.inner})),
      convolution_{.weight = l.transposed("ssm_conv1d", {ssm.inner, ssm.kernel}),
                   .bias = l.vector("ssm_conv1d", {ssm.inner}, "bias")},
      rate_(l.transposed("ssm_a", {ssm.inner, ssm.n_states})),
      skip_(l.vector("ssm_d", {ssm.inner})) {
  if (!l.has("ssm_dt_norm")) return;  // FalconMamba's norms have no weights
  dt_norm_ = l.vector("ssm_dt_norm", {ssm.time_step_rank});
  b_norm_ = l.vector("ssm_b_norm", {ssm.n_states});
  c_norm_ = l.vector("ssm_c_norm", {ssm.n_states});
}

Tensor Mamba::run(Ops& f, const Tensor& x, const Batch& batch, KvCache& cache) const {
  StateOps s(f.context(), batch);
  const StateLayer& state = cache.states().layer(layer_);
  const int64_t rank = ssm_.time_step_rank, n = ssm_.n_states;
  const Tensor xz = f.linear(x, in_);                                                // (n_tokens, 2 · inner)
  const Tensor mixed = s.convolve(Columns(xz, 0, ssm_.inner), convolution_, state);  // (n_tokens, inner)
  const Tensor projected = f.linear(mixed, x_);                                      // (n_tokens, rank + 2 · n)
  Tensor dt = f.head_part(projected, rank + 2 * n, 0, rank), b = f.head_part(projected, rank + 2 * n, rank, n),
         c = f.head_part(projected, rank + 2 * n, rank + n, n);
  if (norms_) {
    dt = f.rms_norm(dt, dt_norm_, epsilon_);
    b = f.rms_norm(b, b_norm_, epsilon_);
    c = f.rms_norm(c, c_norm_, epsilon_);
  }
  const Tensor step = f.linear(dt, dt_);  // (n_tokens, inner)
  const Tensor y = s.scan({.x = mixed, .step = step, .b = b, .c = c, .rate = rate_, .skip = skip_}, state);
  return f.linear(f.activate(f.head_part(xz, 2 * ssm_.inner, ssm_.inner, ssm_.inner), y, {}), out_);
}

StateSize Mamba2::state_size(const SsmConfig& ssm) {
  return {.convolved = (ssm.kernel - 1) * mamba2_channels(ssm),
          .recurrent = ssm.n_states * ssm.inner,
          .activations = 4 * ssm.inner + 2 * mamba2_channels(ssm) + 3 * ssm.time_step_rank};
}

Mamba2::Mamba2(const Weights& l, const ModelConfig& c, int layer, const SsmConfig& ssm)
    : layer_(layer),
      ssm_(ssm),
      epsilon_(c.norm_epsilon),
      in_(l.linear("ssm_in", {ssm.inner + mamba2_channels(ssm) + ssm.time_step_rank, c.dim})),
      out_(l.linear("ssm_out", {c.dim, ssm.inner})),
      convolution_{.weight = l.transposed("ssm_conv1d", {mamba2_channels(ssm), ssm.kernel}), .bias = {}},
      dt_bias_(l.vector("ssm_dt", {ssm.time_step_rank}, "bias")),
      rate_(l.vector("ssm_a", {ssm.time_step_rank, 1})),
      skip_(l.vector("ssm_d", {ssm.time_step_rank, 1})) {
  if (l.has("ssm_conv1d", "bias")) convolution_.bias = l.vector("ssm_conv1d", {mamba2_channels(ssm)}, "bias");
  if (l.has("ssm_norm")) norm_ = l.vector("ssm_norm", {ssm.n_groups, ssm.inner / ssm.n_groups});
}

Tensor Mamba2::run(Ops& f, const Tensor& x, const Batch& batch, KvCache& cache) const {
  StateOps s(f.context(), batch);
  const StateLayer& state = cache.states().layer(layer_);
  const int64_t inner = ssm_.inner, n_heads = ssm_.time_step_rank, channels = mamba2_channels(ssm_);
  const int64_t of_groups = ssm_.n_groups * ssm_.n_states;
  const Tensor zx = f.linear(x, in_);  // (n_tokens, inner + channels + n_heads): gate, what is convolved, steps
  const Tensor mixed = s.convolve(Columns(zx, inner, channels), convolution_, state);
  const StateOps::Decay d = s.decay(Columns(zx, inner + channels, n_heads), dt_bias_, rate_);
  const Tensor y = s.recur({.n_heads = static_cast<int>(n_heads),
                            .n_key_heads = static_cast<int>(ssm_.n_groups),
                            .q = Columns(mixed, inner + of_groups, of_groups),
                            .k = Columns(mixed, inner, of_groups),
                            .v = Columns(mixed, 0, inner),
                            .decay = d.decay,
                            .write = d.step,
                            .skip = skip_},
                           state);
  Tensor gated = f.activate(f.head_part(zx, zx.shape.cols(), 0, inner), y, {});
  if (norm_) f.head_norm(gated, norm_, epsilon_);
  return f.linear(gated, out_);
}

}  // namespace loam
