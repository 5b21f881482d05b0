// One conversation with a model: its messages, and the answers it gives to them.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "app/transcript.h"
#include "engine/chat/chat_prompt.h"
#include "engine/engine.h"

namespace loam {

class ChatSession {
 public:
  struct Callbacks {
    std::function<bool(std::string_view)> on_text;         // false stops the answer, which stays, marked as partial
    std::function<bool(int64_t, int64_t)> on_prompt_read;  // tokens done and total; false stops before the answer
  };

  ChatSession(Engine& engine, SamplingOptions sampling);

  // Adds the message and its answer. Where it throws (the context is full, the template refuses) or is stopped before
  // the answer's first text, the conversation is as before.
  GenerateResult ask(std::string text, const Callbacks& callbacks);
  // Answers the last message anew, with another seed. Error(invalid) where there is none.
  GenerateResult retry(const Callbacks& callbacks);
  void undo();                        // takes back the last message and its answer; Error(invalid) where there is none
  void clear();                       // all but the system message
  void set_system(std::string text);  // "" removes it

  std::string system() const { return has_system() ? messages_[0].content : ""; }
  const std::vector<ChatMessage>& messages() const { return messages_; }
  void restore(std::vector<ChatMessage> messages) { messages_ = std::move(messages); }

  int64_t tokens_used() const;
  int64_t context() const { return engine_.context(); }

 private:
  bool has_system() const { return !messages_.empty() && messages_[0].role == "system"; }
  // `before`: the messages to return to where there is no answer.
  GenerateResult answer(const Callbacks& callbacks, std::vector<ChatMessage> before);
  void check_fits(size_t n_prompt) const;

  Engine& engine_;
  SamplingOptions sampling_;
  ChatPrompt prompt_;
  std::unique_ptr<Sequence> sequence_;
  std::vector<ChatMessage> messages_;
};

}  // namespace loam
