// Finds the tokens that spell each piece of an answer's content, for logprobs that join to it.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "server/generation/answer_sink.h"

namespace loam {

// Tokens go in as they are drawn. A text that comes out is a part of what they spell: in order, but perhaps later, and
// without markers and what a stop string cut off.
class LoggedTokens {
 public:
  void push(LoggedToken token);
  // The tokens that spell `text`; those before them, which only markers spelled, are dropped.
  std::vector<LoggedToken> take(std::string_view text);

 private:
  std::deque<LoggedToken> tokens_;
  std::string spelled_;  // by tokens_
};

}  // namespace loam
