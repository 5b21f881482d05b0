#include "app/remembering_chat.h"

#include <algorithm>

#include "base/utf8.h"

namespace loam {
namespace {

class Busy {
 public:
  explicit Busy(std::atomic<bool>& flag) : flag_(flag) { flag_ = true; }
  ~Busy() { flag_ = false; }
  Busy(const Busy&) = delete;
  Busy& operator=(const Busy&) = delete;

 private:
  std::atomic<bool>& flag_;
};

// The conversation without its system message, which comes first.
std::vector<ChatText> spoken(const std::vector<ChatMessage>& messages) {
  std::vector<ChatText> texts;
  for (const ChatMessage& message : messages) {
    if (message.role == "system") continue;
    texts.push_back({message.role == "user" ? TurnRole::user : TurnRole::assistant, sanitize_utf8(message.content)});
  }
  return texts;
}

std::vector<ChatMessage> with_memory(std::vector<ChatMessage> messages, const Exchange& exchange) {
  const size_t first = messages.front().role == "system" ? 1 : 0;
  for (const Exchange::Insertion& insertion : exchange.insertions)
    messages[first + insertion.message].content.insert(0, insertion.text);
  if (exchange.core.empty()) return messages;
  if (first == 1)
    messages.front().content += "\n\n" + exchange.core;
  else
    messages.insert(messages.begin(), ChatMessage{"system", exchange.core});
  return messages;
}

}  // namespace

ChatAnswer RememberingChat::answer(const std::vector<ChatMessage>& messages, const SamplingOptions& sampling,
                                   const ChatCallbacks& callbacks) {
  const Busy busy(answering_);
  MemoryOptions options;
  options.budget = std::min<size_t>(options.budget, static_cast<size_t>(chat_.context() / 10));
  const Exchange exchange = memory_->begin(spoken(messages), options);
  ChatAnswer answer = chat_.answer(with_memory(messages, exchange), sampling, callbacks);
  const bool partial = answer.finish == FinishReason::cancelled || answer.finish == FinishReason::context_full;
  memory_->finish(exchange, sanitize_utf8(answer.text), partial);
  return answer;
}

}  // namespace loam
