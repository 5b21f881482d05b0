// Penalties for tokens that have occurred: repeat, presence and frequency.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/sampling_options.h"

namespace loam {

// A token that occurs n ≥ 1 times in the last `penalty_window` tokens: a positive logit / repeat, else · repeat; then
// − presence − frequency · n.
class Penalties {
 public:
  Penalties(const SamplingOptions& options, int64_t n_vocab);
  void apply(std::span<float> logits, std::span<const Token> history);

 private:
  float repeat_, presence_, frequency_;
  int window_;
  std::vector<int32_t> counts_;  // [n_vocab], 0 between calls; empty where nothing is penalised
};

}  // namespace loam
