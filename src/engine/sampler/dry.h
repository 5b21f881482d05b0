// DRY (p-e-w, 2024): lowers tokens that would prolong a repetition of what the text said before.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "engine/sampling_options.h"

namespace loam {

// Where the last n tokens stood earlier too and token t followed there, with the longest such n ≥ `allowed_length`,
// t's logit loses multiplier · base^(n − allowed_length). A repetition does not reach back over a token in which a
// sequence breaker ends, and tokens that hold a breaker are never lowered.
class Dry {
 public:
  // `piece_of`: a token's text; without it there are no breakers.
  Dry(const SamplingOptions& options, std::function<std::string(Token)> piece_of);
  // `history` only grows from call to call.
  void apply(std::span<float> logits, std::span<const Token> history);

 private:
  void read(std::span<const Token> tokens);
  void measure_repeats(std::span<const Token> window);
  bool holds_breaker(Token token) const;

  float multiplier_, base_;
  size_t allowed_, window_;
  std::vector<std::string> breakers_;
  std::function<std::string(Token)> piece_of_;
  size_t longest_breaker_ = 0;
  std::string tail_;             // the end of the text so far, in which a breaker may begin
  size_t n_read_ = 0;            // tokens of the history
  size_t last_break_ = 0;        // tokens before and with the last in which a breaker ends
  std::vector<size_t> repeats_;  // [k]: tokens that stand alike before the end and before k tokens earlier
};

}  // namespace loam
