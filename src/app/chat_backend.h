// Who answers in a chat: an engine in this process (LocalChat) or a server (ServedChat).
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "app/generation_stats.h"
#include "app/transcript.h"
#include "engine/generation.h"

namespace loam {

struct ChatCallbacks {
  std::function<bool(std::string_view)> on_text;         // false stops the answer, which stays, marked as partial
  std::function<void(std::string_view)> on_reasoning;    // what is thought before it, where that is told apart
  std::function<bool(int64_t, int64_t)> on_prompt_read;  // tokens done and total; false stops before the answer
};

struct ChatAnswer {
  std::string text = {};
  FinishReason finish = FinishReason::none;
  AnswerStats stats = {};
};

class ChatBackend {
 public:
  virtual ~ChatBackend() = default;
  // The answer to the last of the messages. Error where the context does not hold them, or nobody answers.
  virtual ChatAnswer answer(const std::vector<ChatMessage>& messages, const SamplingOptions& sampling,
                            const ChatCallbacks& callbacks) = 0;
  // The same for a question of the program's own, which is not part of the conversation: nothing of it is remembered.
  virtual ChatAnswer answer_aside(const std::vector<ChatMessage>& messages, const SamplingOptions& sampling,
                                  const ChatCallbacks& callbacks) {
    return answer(messages, sampling, callbacks);
  }
  virtual int64_t tokens_used() const = 0;  // of the context, after the last answer
  virtual int64_t context() const = 0;      // tokens that it holds
};

}  // namespace loam
