// What happens while a request is answered: the one stream of events that every API writes in its own form.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "engine/chat/chat_output.h"
#include "engine/generation.h"

namespace loam {

struct Usage {
  int64_t prompt_tokens = 0;
  int64_t cached_tokens = 0;      // of the prompt: not computed again
  int64_t completion_tokens = 0;  // of all choices
  int64_t reasoning_tokens = 0;   // of those
  int64_t dropped_messages = 0;   // by truncation, the oldest first
  int64_t dropped_tokens = 0;     // of a prompt that is no chat
  double prompt_seconds = 0;      // from the start to the first token
  double seconds = 0;             // from there to the end
  double load_seconds = 0;        // waiting for the model
};

// A token as logprobs report it.
struct LoggedToken {
  Token token = -1;
  std::string bytes = {};  // what it spells, perhaps a part of a character
  std::optional<float> logprob = {};
  std::vector<TokenLogprob> top = {};
};

struct ChoiceEnd {
  FinishReason reason = FinishReason::none;
  std::string stop = {};  // the stop string that ended the text; "" for none
  bool called = false;    // the answer calls tools
};

// The functions run on the model's thread, one at a time, and must not block. begin comes once, and before it only
// reading; for each choice deltas and then one choice_end; last of all either end or fail, of which fail may come at
// any time.
class AnswerSink {
 public:
  virtual ~AnswerSink() = default;
  // So many of a prompt's tokens are read; where return_progress asks for it.
  virtual void reading(int64_t /*n_read*/, int64_t /*n_prompt*/) {}
  // An answer is coming: its first tokens, or its prompt's where these are part of it, are there.
  virtual void begin(const Usage& /*so_far*/) {}
  // `tokens`: those that spell the delta's content, where logprobs were asked for.
  virtual void delta(int choice, const ChatDelta& delta, std::span<const LoggedToken> tokens) = 0;
  virtual void choice_end(int choice, const ChoiceEnd& end) = 0;
  virtual void end(const Usage& usage) = 0;
  virtual void fail(const Error& error) = 0;
};

}  // namespace loam
