// What a caller may ask of the sampler, and the limits of each setting.
#pragma once

#include <cstdint>
#include <map>
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

  float typical_p = 1;                              // 1: off
  float top_n_sigma = 0;                            // 0 or less: off
  float xtc_probability = 0, xtc_threshold = 0.1f;  // 0, or a threshold above ½: off
  float dry_multiplier = 0, dry_base = 1.75f;       // multiplier 0: off
  int dry_allowed_length = 2;                       // tokens that may be repeated
  int dry_penalty_last_n = -1;                      // tokens that are searched; -1: the whole sequence, 0: off
  std::vector<std::string> dry_sequence_breakers = {"\n", ":", "\"", "*"};
  float dynatemp_range = 0, dynatemp_exponent = 1;    // range 0: the temperature is fixed
  int mirostat = 0;                                   // 1 or 2: in place of all that truncates
  float mirostat_tau = 5, mirostat_eta = 0.1f;        // surprise aimed at, in bits; learning rate
  float adaptive_target = -1, adaptive_decay = 0.9f;  // probability aimed at; below 0: off

  int64_t min_tokens = 0;     // no end token before so many
  bool ignore_eos = false;    // no end token at all, unless a constraint allows nothing else
  bool include_stop = false;  // the stop string that ended the answer is part of it

  int logprobs = -1;         // likeliest tokens told with each generated one, 0 to 20; -1: no log-probabilities
  int prompt_logprobs = -1;  // the same for the prompt's tokens

  // Error(invalid) naming the parameter: NaN, negative temperature, ids outside the vocabulary, …
  void validate(int64_t n_vocab) const;
};

}  // namespace loam
