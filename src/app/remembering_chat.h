// A chat in this process whose conversations are remembered: what a server does for its clients, without one.
#pragma once

#include <atomic>
#include <memory>

#include "app/chat_backend.h"
#include "memory/memory.h"

namespace loam {

class RememberingChat final : public ChatBackend {
 public:
  RememberingChat(ChatBackend& chat, std::shared_ptr<Memory> memory) : chat_(chat), memory_(std::move(memory)) {}

  ChatAnswer answer(const std::vector<ChatMessage>& messages, const SamplingOptions& sampling,
                    const ChatCallbacks& callbacks) override;
  ChatAnswer answer_aside(const std::vector<ChatMessage>& messages, const SamplingOptions& sampling,
                          const ChatCallbacks& callbacks) override {
    return chat_.answer(messages, sampling, callbacks);
  }
  int64_t tokens_used() const override { return chat_.tokens_used(); }
  int64_t context() const override { return chat_.context(); }
  bool is_answering() const { return answering_; }  // from any thread

 private:
  ChatBackend& chat_;
  const std::shared_ptr<Memory> memory_;
  std::atomic<bool> answering_ = false;
};

}  // namespace loam
