// A chat with an engine in this process.
#pragma once

#include <memory>

#include "app/chat_backend.h"
#include "engine/chat/chat_prompt.h"
#include "engine/engine.h"

namespace loam {

class LocalChat final : public ChatBackend {
 public:
  explicit LocalChat(Engine& engine);
  ChatAnswer answer(const std::vector<ChatMessage>& messages, const SamplingOptions& sampling,
                    const ChatCallbacks& callbacks) override;
  int64_t tokens_used() const override { return static_cast<int64_t>(sequence_->tokens().size()); }
  int64_t context() const override { return engine_.context(); }

 private:
  void check_fits(size_t n_prompt) const;

  Engine& engine_;
  ChatPrompt prompt_;
  std::unique_ptr<Sequence> sequence_;
};

}  // namespace loam
