#include "model/parts/short_convolution.h"

namespace loam {

StateSize ShortConvolution::state_size(const ModelConfig& c, int kernel) {
  return {.convolved = (kernel - 1) * c.dim, .recurrent = 0, .activations = 7 * c.dim};
}

ShortConvolution::ShortConvolution(const Weights& l, const ModelConfig& c, int layer, int kernel)
    : layer_(layer),
      dim_(c.dim),
      in_(l.linear("shortconv.in_proj", {3 * c.dim, c.dim})),
      out_(l.linear("shortconv.out_proj", {c.dim, c.dim})),
      convolution_{.weight = l.transposed("shortconv.conv", {c.dim, kernel}), .bias = {}, .silu = false} {}

Tensor ShortConvolution::run(Ops& f, const Tensor& x, const Batch& batch, KvCache& cache) const {
  const Tensor bcx = f.linear(x, in_);  // (n_tokens, 3 · dim)
  Tensor taken = f.head_part(bcx, 3 * dim_, 0, dim_);
  f.multiply(taken, f.head_part(bcx, 3 * dim_, 2 * dim_, dim_));
  Tensor mixed = StateOps(f.context(), batch).convolve(taken, convolution_, cache.states().layer(layer_));
  f.multiply(mixed, f.head_part(bcx, 3 * dim_, dim_, dim_));
  return f.linear(mixed, out_);
}

}  // namespace loam
