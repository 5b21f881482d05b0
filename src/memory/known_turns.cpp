#include "memory/known_turns.h"

#include <algorithm>
#include <functional>

namespace loam {
namespace {

constexpr size_t kMostConversations = 16;

size_t hash_of_words(std::string_view text) { return std::hash<std::string_view>()(text); }

}  // namespace

KnownTurns::Conversation& KnownTurns::read(std::string_view space, std::string_view session) {
  const auto known = std::ranges::find_if(
      conversations_, [&](const Conversation& each) { return each.session == session && each.space == space; });
  if (known != conversations_.end())
    conversations_.splice(conversations_.begin(), conversations_, known);
  else
    conversations_.push_front({std::string(space), std::string(session), 0, {}});
  if (conversations_.size() > kMostConversations) conversations_.pop_back();
  Conversation& conversation = conversations_.front();
  store_.for_each(
      space, session,
      [&](const Turn& turn) {
        conversation.by_hash[hash_of_words(turn.text)].push_back(turn.id);
        conversation.last = turn.id;
        return true;
      },
      conversation.last);
  return conversation;
}

std::vector<TurnId> KnownTurns::find(std::string_view space, std::string_view session,
                                     std::span<const ChatText> messages) {
  const Reading reading(store_.database());
  const Conversation& conversation = read(space, session);
  std::vector<TurnId> turns;
  for (const ChatText& message : messages) {
    const auto same = conversation.by_hash.find(hash_of_words(message.text));
    if (same != conversation.by_hash.end()) turns.insert(turns.end(), same->second.begin(), same->second.end());
  }
  return turns;
}

}  // namespace loam
