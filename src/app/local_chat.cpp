#include "app/local_chat.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/error.h"

namespace loam {

LocalChat::LocalChat(Engine& engine)
    : engine_(engine), prompt_(engine.chat_template(), engine.tokenizer()), sequence_(engine.open()) {}

ChatAnswer LocalChat::answer(const std::vector<ChatMessage>& messages, const SamplingOptions& sampling,
                             const ChatCallbacks& callbacks) {
  const auto tokens = prompt_.encode({{"messages", template_messages(messages)}});
  check_fits(tokens.size());
  GenerateResult result = engine_.generate(*sequence_, tokens, sampling, callbacks.on_text, callbacks.on_prompt_read);
  return {.text = std::move(result.text), .finish = result.finish, .stats = stats_of(result)};
}

// Nothing is ever dropped from a conversation to make it fit; the person decides.
void LocalChat::check_fits(size_t n_prompt) const {
  if (static_cast<int64_t>(n_prompt) < engine_.context()) return;
  throw Error(Error::Code::invalid,
              fmt::format("the context is full: this conversation needs {} tokens and the context holds {}. /compact, "
                          "/undo or /clear makes room; `--ctx N` at the start gives more",
                          n_prompt, engine_.context()));
}

}  // namespace loam
