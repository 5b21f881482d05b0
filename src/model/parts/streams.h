// Several residual streams: (n_tokens, n · dim), n vectors for each token where other models have one
// (hyper-connections, arXiv 2409.19606).
#pragma once

#include <cstdint>

#include "ops/ops.h"

namespace loam {

Tensor to_streams(Ops& f, const Tensor& x, int64_t n);            // x (n_tokens, dim), once for each stream
Tensor sum_of_streams(Ops& f, const Tensor& x, int64_t n);        // → (n_tokens, dim)
void multiply_streams(Ops& f, Tensor& x, const Tensor& weights);  // in place; weights (n_tokens, n)
// x += weight · y for each stream, y (n_tokens, dim).
void add_to_streams(Ops& f, Tensor& x, const Tensor& y, const Tensor& weights);
Tensor copy_of(Ops& f, const Tensor& x);

}  // namespace loam
