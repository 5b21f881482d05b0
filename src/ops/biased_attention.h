// Attention among the tokens of a text whose scores get a bias by how far apart two tokens are (T5, arXiv 1910.10683).
#pragma once

#include <span>

#include "ops/ops.h"

namespace loam {

// As Ops::attention_within. q, k and v (n_tokens, n_heads · head_dim); `scale` multiplies q·k. `biases`: [n_heads]
// [2 · reach + 1], of whatever reach: added to a head's score by how far the key is behind the query, from −reach to
// reach, which stand for what is farther, too. → (n_tokens, n_heads · head_dim)
Tensor attention_biased(Ops& f, const Tensor& q, const Tensor& k, const Tensor& v, int head_dim,
                        std::span<const BatchSpan> spans, float scale, std::span<const float> biases);

}  // namespace loam
