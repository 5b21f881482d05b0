#include "kernels/kernel_table.h"

namespace loam {

// See attention.inl: a page of keys and of values widened to float32, then for each query its scores, its weighted sum
// of values, and the softmax's maximum, denominator and last correction.
size_t attention_scratch_floats(const KernelTable& /*kernels*/, int n_queries, int head_dim, int value_dim) {
  const size_t value_columns = (value_dim + kPageTokens - 1) / kPageTokens * kPageTokens;
  return kPageTokens * (head_dim + value_columns) + n_queries * (kPageTokens + value_columns + 3);
}

}  // namespace loam
