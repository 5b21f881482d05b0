// KnownTurns: which turns of a conversation stand in a request anyway, as one of its messages.
#pragma once

#include <cstddef>
#include <list>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "memory/conversation.h"
#include "memory/store/turn_store.h"

namespace loam {

// Reads of a conversation only what was said since it was asked about last; keeps no table. All calls need the
// database's lock, which `find` takes.
class KnownTurns final : public DerivedIndex {
 public:
  static constexpr int kVersion = 1;

  explicit KnownTurns(TurnStore& store) : store_(store) {}

  std::string_view name() const override { return "known_turns"; }
  void add(const Turn&) override {}
  void remove(std::span<const TurnId>) override { conversations_.clear(); }
  void clear() override { conversations_.clear(); }

  // Turns whose words are those of a message.
  std::vector<TurnId> find(std::string_view space, std::string_view session, std::span<const ChatText> messages);

 private:
  struct Conversation {
    std::string space, session;
    TurnId last = 0;                                          // that was read
    std::unordered_map<size_t, std::vector<TurnId>> by_hash;  // of a turn's words
  };
  Conversation& read(std::string_view space, std::string_view session);

  TurnStore& store_;
  std::list<Conversation> conversations_;  // those asked about last in front
};

}  // namespace loam
