#include "app/chat_session.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/error.h"

namespace loam {

ChatSession::ChatSession(Engine& engine, SamplingOptions sampling)
    : engine_(engine),
      sampling_(std::move(sampling)),
      prompt_(engine.chat_template(), engine.tokenizer()),
      sequence_(engine.open()) {
  sampling_.validate(static_cast<int>(engine.model().config().n_vocab));
}

int64_t ChatSession::tokens_used() const { return static_cast<int64_t>(sequence_->tokens().size()); }

GenerateResult ChatSession::ask(std::string text, const Callbacks& callbacks) {
  std::vector<ChatMessage> before = messages_;
  messages_.push_back({"user", std::move(text)});
  return answer(callbacks, std::move(before));
}

GenerateResult ChatSession::retry(const Callbacks& callbacks) {
  std::vector<ChatMessage> before = messages_;
  if (!messages_.empty() && messages_.back().role == "assistant") messages_.pop_back();
  if (messages_.empty() || messages_.back().role != "user") {
    messages_ = std::move(before);
    throw Error(Error::Code::invalid, "there is no message to answer again");
  }
  ++sampling_.seed;
  return answer(callbacks, std::move(before));
}

GenerateResult ChatSession::answer(const Callbacks& callbacks, std::vector<ChatMessage> before) {
  try {
    const auto tokens = prompt_.encode({{"messages", template_messages(messages_)}});
    check_fits(tokens.size());
    GenerateResult result =
        engine_.generate(*sequence_, tokens, sampling_, callbacks.on_text, callbacks.on_prompt_read);
    const bool partial = result.finish != FinishReason::end_token && result.finish != FinishReason::stop_string;
    if (partial && result.text.empty())
      messages_ = std::move(before);
    else
      messages_.push_back({"assistant", result.text, partial});
    return result;
  } catch (...) {
    messages_ = std::move(before);
    throw;
  }
}

// Nothing is ever dropped from a conversation to make it fit; the person decides.
void ChatSession::check_fits(size_t n_prompt) const {
  if (static_cast<int64_t>(n_prompt) < engine_.context()) return;
  throw Error(Error::Code::invalid,
              fmt::format("the context is full: this conversation needs {} tokens and the context holds {}. /undo or "
                          "/clear makes room; `--ctx N` at the start gives more",
                          n_prompt, engine_.context()));
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
