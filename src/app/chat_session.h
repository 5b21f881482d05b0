// One conversation with a model: its messages, and the answers it gives to them.
#pragma once

#include <string>
#include <vector>

#include "app/chat_backend.h"

namespace loam {

class ChatSession {
 public:
  ChatSession(ChatBackend& backend, SamplingOptions sampling) : backend_(backend), sampling_(std::move(sampling)) {}

  // Adds the message and its answer. Where it throws (the context is full, the template refuses) or is stopped before
  // the answer's first text, the conversation is as before.
  ChatAnswer ask(std::string text, const ChatCallbacks& callbacks);
  // Answers the last message anew, with another seed. Error(invalid) where there is none.
  ChatAnswer retry(const ChatCallbacks& callbacks);
  // Puts a summary, which the model writes, into the system message, in place of all but the last question and its
  // answer. → the summary. Error(invalid) where there is no more than that; where it is stopped, all is as before.
  std::string compact(const ChatCallbacks& callbacks);
  void undo();                        // takes back the last message and its answer; Error(invalid) where there is none
  void clear();                       // all but the system message
  void set_system(std::string text);  // "" removes it

  std::string system() const { return has_system() ? messages_[0].content : ""; }
  const std::vector<ChatMessage>& messages() const { return messages_; }
  void restore(std::vector<ChatMessage> messages) { messages_ = std::move(messages); }

  int64_t tokens_used() const { return backend_.tokens_used(); }
  int64_t context() const { return backend_.context(); }

 private:
  std::string conversation_text(const std::vector<ChatMessage>& messages, size_t first, size_t end) const;
  bool has_system() const { return !messages_.empty() && messages_[0].role == "system"; }
  // `before`: the messages to return to where there is no answer.
  ChatAnswer answer(const ChatCallbacks& callbacks, std::vector<ChatMessage> before);

  ChatBackend& backend_;
  SamplingOptions sampling_;
  std::vector<ChatMessage> messages_;
};

}  // namespace loam
