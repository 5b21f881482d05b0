#include "model/parts/plamo2_mamba.h"

#include <algorithm>

namespace loam {
namespace {

int64_t plamo2_rank(const ModelConfig& c) { return std::max<int64_t>(64, c.dim / 16); }

}  // namespace

StateSize Plamo2Mamba::state_size(const ModelConfig& c, const SsmConfig& ssm) {
  return {.convolved = (ssm.kernel - 1) * ssm.inner,
          .recurrent = ssm.n_states * ssm.inner,
          .activations = 7 * ssm.inner + 2 * (plamo2_rank(c) + 2 * ssm.n_states) + 3 * ssm.time_step_rank};
}

Plamo2Mamba::Plamo2Mamba(const Weights& l, const ModelConfig& c, int layer, const SsmConfig& ssm)
    : layer_(layer),
      ssm_(ssm),
      rank_(plamo2_rank(c)),
      epsilon_(c.norm_epsilon),
      in_(l.linear("ssm_in", {2 * ssm.inner, c.dim})),
      x_(l.linear("ssm_x", {rank_ + 2 * ssm.n_states, ssm.inner})),
      dt_{.weight = l.matrix("ssm_dt", {ssm.time_step_rank, rank_}), .bias = {}},
      out_(l.linear("ssm_out", {c.dim, ssm.inner})),
      convolution_{.weight = l.transposed("ssm_conv1d", {ssm.inner, ssm.kernel}), .bias = {}},
      dt_bias_(l.vector("ssm_dt", {ssm.time_step_rank}, "bias")),
      rate_(l.vector("ssm_a", {ssm.time_step_rank})),
      skip_(l.vector("ssm_d", {ssm.time_step_rank})),
      dt_norm_(l.vector("ssm_dt_norm", {rank_})),
      b_norm_(l.vector("ssm_b_norm", {ssm.n_states})),
      c_norm_(l.vector("ssm_c_norm", {ssm.n_states})) {}

Tensor Plamo2Mamba::run(Ops& f, const Tensor& x, const Batch& batch, KvCache& cache) const {
  StateOps s(f.context(), batch);
  const StateLayer& state = cache.states().layer(layer_);
  const int64_t n_heads = ssm_.time_step_rank, head = ssm_.inner / n_heads, n = ssm_.n_states;
  const Tensor zx = f.linear(x, in_);  // (n_tokens, 2 · inner): each head's gate, then its values
  const Tensor z = f.head_part(zx, 2 * head, 0, head);
  const Tensor mixed = s.convolve(f.head_part(zx, 2 * head, head, head), convolution_, state);
  const Tensor projected = f.linear(mixed, x_);  // (n_tokens, 2 · n + rank)
  const auto part = [&](int64_t first, int64_t width, const Tensor& norm) {
    return f.rms_norm(f.head_part(projected, rank_ + 2 * n, first, width), norm, epsilon_);
  };
  const Tensor b = part(0, n, b_norm_), c = part(n, n, c_norm_);
  const StateOps::Decay d = s.decay(f.linear(part(2 * n, rank_, dt_norm_), dt_), dt_bias_, rate_);
  const Tensor y = s.recur({.n_heads = static_cast<int>(n_heads),
                            .n_key_heads = 1,
                            .q = c,
                            .k = b,
                            .v = mixed,
                            .decay = d.decay,
                            .write = d.step,
                            .skip = skip_},
                           state);
  return f.linear(f.activate(z, y, {}), out_);
}

}  // namespace loam
