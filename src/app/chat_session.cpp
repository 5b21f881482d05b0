#include "app/chat_session.h"

#include <algorithm>

#include "base/error.h"

namespace loam {
namespace {

constexpr int64_t kMostSummaryTokens = 300;
constexpr const char* kSummaryHeading = "\n\nWhat this conversation was about so far: ";
constexpr const char* kSummarise =
    "Summarise this conversation in at most 150 words, in its own language. Keep names, numbers, decisions and open "
    "questions. Write the summary only.\n\n";

}  // namespace

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

std::string ChatSession::compact(const ChatCallbacks& callbacks) {
  size_t last = messages_.size();
  while (last > 0 && messages_[last - 1].role != "user") --last;
  const size_t first = has_system() ? 1 : 0;
  if (last <= first + 1) throw Error(Error::Code::invalid, "there is nothing to summarise yet");
  std::vector<ChatMessage> question = {{"user", kSummarise + conversation_text(messages_, first, last - 1)}};
  SamplingOptions sampling = sampling_;
  sampling.temperature = 0;
  sampling.max_tokens = kMostSummaryTokens;
  ChatAnswer answer = backend_.answer_aside(question, sampling, callbacks);
  if (answer.finish == FinishReason::cancelled || answer.text.empty())
    throw Error(Error::Code::cancelled, "the conversation is as it was");
  std::vector<ChatMessage> shorter(messages_.begin() + static_cast<std::ptrdiff_t>(last - 1), messages_.end());
  const std::string before = system().substr(0, system().find(kSummaryHeading));
  messages_ = std::move(shorter);
  set_system(before + kSummaryHeading + answer.text);
  return answer.text;
}

// As much of the conversation's end as the context surely holds: a byte for each of its tokens.
std::string ChatSession::conversation_text(const std::vector<ChatMessage>& messages, size_t first, size_t end) const {
  std::string text = system();
  text = text.find(kSummaryHeading) != std::string::npos ? text.substr(text.find(kSummaryHeading)) + "\n" : "";
  for (size_t i = first; i < end; ++i) text += messages[i].role + ": " + messages[i].content + "\n";
  const size_t most = static_cast<size_t>(std::max<int64_t>(backend_.context(), 2048));
  if (text.size() <= most) return text;
  size_t begin = text.size() - most;
  while (begin < text.size() && (static_cast<unsigned char>(text[begin]) & 0xC0U) == 0x80U) ++begin;
  return text.substr(begin);
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
