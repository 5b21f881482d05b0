#include "kernels/kernel_table.h"

namespace loam {
namespace {

size_t value_columns(int value_dim) {
  return (static_cast<size_t>(value_dim) + kPageTokens - 1) / kPageTokens * kPageTokens;
}

}  // namespace

// See AttentionScratch and AttentionState in attention.inl.
size_t attention_scratch_floats(int n_queries, int head_dim, int value_dim) {
  return kPageTokens * (head_dim + value_columns(value_dim)) + n_queries * (size_t{kPageTokens} + 1 + head_dim);
}

size_t attention_state_floats(int n_queries, int value_dim) { return n_queries * (value_columns(value_dim) + 2); }

}  // namespace loam
