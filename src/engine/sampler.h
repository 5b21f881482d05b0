// Chooses the next token from logits: penalties, bias, temperature, top-k, min-p, top-p, then a seeded draw.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "tokenizer/tokenizer.h"

namespace loam {

struct SamplingOptions {
  float temperature = 0.7f;  // 0: greedy, the first of the largest logits
  int top_k = 40;            // 0: off
  float top_p = 0.95f;       // 1: off
  float min_p = 0.05f;       // 0: off
  float repeat_penalty = 1;  // 1: off; over the last `penalty_window` tokens
  float presence_penalty = 0, frequency_penalty = 0;
  int penalty_window = 64;  // -1: the whole sequence
  uint64_t seed = 0;        // equal seed, settings and prompt give equal text
  std::map<Token, float> logit_bias;
  std::vector<std::string> stop;  // strings that end the answer; not part of it
  int64_t max_tokens = -1;        // -1: until the end token or the context is full

  // Error(invalid) naming the parameter: NaN, negative temperature, ids outside the vocabulary, …
  void validate(int n_vocab) const;
};

class Sampler {
 public:
  Sampler(SamplingOptions options, int n_vocab);
  // `history`: prompt and generated tokens so far. Changes nothing in `logits`' owner; works on a copy.
  Token sample(std::span<const float> logits, std::span<const Token> history);

 private:
  SamplingOptions options_;
  uint64_t random_state_;
  std::vector<float> work_;
  std::vector<int32_t> order_;
};

}  // namespace loam
