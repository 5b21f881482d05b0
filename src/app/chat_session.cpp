#include "app/chat_session.h"

#include "base/error.h"

namespace loam {

ChatAnswer ChatSession::ask(std::string text, const ChatCallbacks& callbacks) {
  std::vector<ChatMessage> before = messages_;
  messages_.push_back({"user", std::move(text)});
  return answer(callbacks, std::move(before));
}

ChatAnswer ChatSession::retry(const ChatCallbacks& callbacks) {
  std::vector<ChatMessage> before = messages_;
  if (!messages_.empty() && messages_.back().role == "assistant") messages_.pop_back();
  if (messages_.empty() || messages_.back().role != "user") {
    messages_ = std::move(before);
    throw Error(Error::Code::invalid, "there is no message to answer again");
  }
  ++sampling_.seed;
  return answer(callbacks, std::move(before));
}

ChatAnswer ChatSession::answer(const ChatCallbacks& callbacks, std::vector<ChatMessage> before) {
  try {
    ChatAnswer answer = backend_.answer(messages_, sampling_, callbacks);
    const bool partial = answer.finish != FinishReason::end_token && answer.finish != FinishReason::stop_string;
    if (partial && answer.text.empty())
      messages_ = std::move(before);
    else
      messages_.push_back({"assistant", answer.text, partial});
    return answer;
  } catch (...) {
    messages_ = std::move(before);
    throw;
  }
}

void ChatSession::undo() {
  size_t n = messages_.size();
  while (n > 0 && messages_[n - 1].role == "assistant") --n;
  if (n == 0 || messages_[n - 1].role != "user") throw Error(Error::Code::invalid, "there is no message to take back");
  messages_.resize(n - 1);
}

void ChatSession::clear() { messages_.resize(has_system() ? 1 : 0); }

void ChatSession::set_system(std::string text) {
  if (has_system()) messages_.erase(messages_.begin());
  if (!text.empty()) messages_.insert(messages_.begin(), {"system", std::move(text)});
}

}  // namespace loam
