// Chooses the next token from logits: penalties, bias, top-k, top-p, min-p, temperature, then a seeded draw.
#pragma once

#include <cstdint>
#include <map>
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
  std::map<Token, float> logit_bias = {};
  std::vector<std::string> stop = {};  // strings that end the answer; not part of it
  int64_t max_tokens = -1;             // -1: until the end token or the context is full

  // Error(invalid) naming the parameter: NaN, negative temperature, ids outside the vocabulary, …
  void validate(int64_t n_vocab) const;
};

// The steps run in the order that llama.cpp's users know:
//   penalties   repeat: a positive logit / p, else · p; then − presence − frequency · count, for tokens in the window
//   bias        + logit_bias; −inf forbids a token
//   top-k       the k largest logits
//   top-p       of those, the fewest that hold p of the probability
//   min-p       of those, the ones at least min_p times as probable as the best
//   temperature logits / temperature, softmax, and a draw with SplitMix64 (the same on every machine)
// With temperature 0 the largest logit after penalties and bias wins, the lower id among equals. A NaN counts as −inf.
// Where nothing is left (all −inf), the choice is greedy over the logits as the model gave them, and id 0 where these
// have no number either.
class Sampler {
 public:
  Sampler(SamplingOptions options, int64_t n_vocab);  // Error(invalid) as `validate` says
  // `logits`: (n_vocab). `history`: prompt and generated tokens so far.
  Token sample(std::span<const float> logits, std::span<const Token> history);

 private:
  struct Candidate {
    float logit;
    Token token;
    double probability;
  };

  void apply_penalties(std::span<const Token> history);
  void apply_bias();
  void gather_top_k();
  void keep_top_p();
  void keep_min_p();
  Token draw();
  static bool before(const Candidate& a, const Candidate& b);
  void sort_first(size_t n);
  double next_uniform();

  SamplingOptions options_;
  uint64_t random_state_;
  std::vector<float> work_;            // [n_vocab] logits being changed
  std::vector<int32_t> counts_;        // [n_vocab] occurrences in the penalty window
  std::vector<Candidate> candidates_;  // those still in play
  size_t n_sorted_ = 0;                // leading candidates that stand in order, before all others
};

}  // namespace loam
