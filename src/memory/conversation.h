// Which conversation a request goes on with, for clients that send the whole history and no name for it.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "memory/store/turn_store.h"

namespace loam {

// A message as a client sends it, without instructions.
struct ChatText {
  TurnRole role = TurnRole::user;
  std::string text;
};

// What the user has said up to a message, as a hash over all of it: the same in every request that repeats it, however
// the client trims or rewrites the answers between. One for each user message, in order.
std::vector<std::string> conversation_chain(std::span<const ChatText> messages);

// Finds user turns by their chain, which is the second half of their key: "SESSION#CHAIN".
class ConversationIndex final : public DerivedIndex {
 public:
  static constexpr int kVersion = 1;

  explicit ConversationIndex(Database& database);

  static std::string key_of(std::string_view session, std::string_view chain);

  std::string_view name() const override { return "conversation"; }
  void add(const Turn& turn) override;
  void remove(std::span<const TurnId> turns) override;
  void clear() override;

  struct Place {
    TurnId turn;
    std::string session;
  };
  // The latest user turn that ends this chain; within one session where it is named.
  std::optional<Place> find(std::string_view space, std::string_view chain, std::string_view session = "");
  // The latest user turn with these words; within one session where it is named. For clients that send only the end of
  // a long conversation.
  std::optional<Place> find_said(std::string_view space, std::string_view text, std::string_view session = "");

 private:
  Database& database_;
};

}  // namespace loam
