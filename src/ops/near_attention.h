// Attention among the tokens of a text where their distance counts, ahead as much as behind: symmetric windows, and
// ALiBi of encoders.
#pragma once

#include <span>

#include "ops/ops.h"

namespace loam {

struct Nearness {
  int window = 0;                      // a token sees those at most so far away; 0: all of its text
  std::span<const float> slopes = {};  // of each head: score −= slope · distance (ALiBi, arXiv 2108.12409); or empty
};

// As Ops::attention_within. q, k and v (n_tokens, n_heads · head_dim); `scale` multiplies q·k.
// → (n_tokens, n_heads · head_dim)
Tensor attention_near(Ops& f, const Tensor& q, const Tensor& k, const Tensor& v, int head_dim,
                      std::span<const BatchSpan> spans, float scale, const Nearness& nearness);

}  // namespace loam
