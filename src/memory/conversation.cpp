#include "memory/conversation.h"

#include <algorithm>

#include "base/hash.h"

namespace loam {
namespace {

constexpr size_t kChainDigits = 32;

std::string_view without_spaces_around(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\r'; };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

std::string next_link(const std::string& before, std::string_view text) {
  Sha256 hash;
  hash.update(std::as_bytes(std::span(before)));
  hash.update(std::as_bytes(std::span(without_spaces_around(text))));
  return hash.hex().substr(0, kChainDigits);
}

std::optional<ConversationIndex::Place> latest(Database& database, std::string_view column, std::string_view value,
                                               std::string_view space, std::string_view session) {
  const Reading reading(database);
  Statement row = database.prepare("SELECT turn, session FROM conversation WHERE " + std::string(column) +
                                   " = ?1 AND space = ?2 AND (?3 = '' OR session = ?3) ORDER BY turn DESC LIMIT 1");
  row.bind(1, value).bind(2, space).bind(3, session);
  if (!row.step()) return std::nullopt;
  return ConversationIndex::Place{row.integer(0), std::string(row.text(1))};
}

}  // namespace

std::vector<std::string> conversation_chain(std::span<const ChatText> messages) {
  std::vector<std::string> chain;
  std::string last;
  for (const ChatText& message : messages) {
    if (message.role != TurnRole::user) continue;
    last = next_link(last, message.text);
    chain.push_back(last);
  }
  return chain;
}

ConversationIndex::ConversationIndex(Database& database) : database_(database) {
  Transaction transaction(database_);
  database_.run(
      "CREATE TABLE IF NOT EXISTS conversation ("
      "  turn INTEGER PRIMARY KEY, space TEXT NOT NULL, session TEXT NOT NULL, chain TEXT NOT NULL,"
      "  said TEXT NOT NULL);"
      "CREATE INDEX IF NOT EXISTS conversation_chain ON conversation (chain, turn);"
      "CREATE INDEX IF NOT EXISTS conversation_said ON conversation (said, turn)");
  transaction.commit();
}

std::string ConversationIndex::key_of(std::string_view session, std::string_view chain) {
  return std::string(session) + "#" + std::string(chain);
}

void ConversationIndex::add(const Turn& turn) {
  const size_t mark = turn.key.rfind('#');
  if (turn.role != TurnRole::user || mark == std::string::npos) return;
  const std::string said = next_link("", turn.text);
  database_.prepare("INSERT OR REPLACE INTO conversation VALUES (?1, ?2, ?3, ?4, ?5)")
      .bind(1, turn.id)
      .bind(2, turn.space)
      .bind(3, turn.session)
      .bind(4, std::string_view(turn.key).substr(mark + 1))
      .bind(5, said)
      .run();
}

void ConversationIndex::remove(std::span<const TurnId> turns) {
  for (const TurnId turn : turns) database_.prepare("DELETE FROM conversation WHERE turn = ?1").bind(1, turn).run();
}

void ConversationIndex::clear() { database_.run("DELETE FROM conversation"); }

std::optional<ConversationIndex::Place> ConversationIndex::find(std::string_view space, std::string_view chain,
                                                                std::string_view session) {
  return latest(database_, "chain", chain, space, session);
}

std::optional<ConversationIndex::Place> ConversationIndex::find_said(std::string_view space, std::string_view text,
                                                                     std::string_view session) {
  return latest(database_, "said", next_link("", text), space, session);
}

}  // namespace loam
