#include "memory/reflection/summary_store.h"

#include <algorithm>

namespace loam {

SummaryStore::SummaryStore(Database& database) : database_(database) {
  Transaction transaction(database_);
  database_.run(
      "CREATE TABLE IF NOT EXISTS summary ("
      "  space TEXT NOT NULL, session TEXT NOT NULL, last INTEGER NOT NULL, text TEXT NOT NULL,"
      "  PRIMARY KEY (space, session)) WITHOUT ROWID");
  transaction.commit();
}

void SummaryStore::remove(std::span<const TurnId> turns) {
  if (turns.empty()) return;
  database_.prepare("DELETE FROM summary WHERE last >= ?1").bind(1, *std::ranges::min_element(turns)).run();
}

void SummaryStore::clear() { database_.run("DELETE FROM summary"); }

void SummaryStore::keep(const Summary& summary) {
  Transaction transaction(database_);
  database_.prepare("INSERT OR REPLACE INTO summary VALUES (?1, ?2, ?3, ?4)")
      .bind(1, summary.space)
      .bind(2, summary.session)
      .bind(3, summary.last)
      .bind(4, summary.text)
      .run();
  transaction.commit();
}

std::optional<Summary> SummaryStore::find(std::string_view space, std::string_view session) {
  const Reading reading(database_);
  Statement row = database_.prepare("SELECT last, text FROM summary WHERE space = ?1 AND session = ?2");
  row.bind(1, space).bind(2, session);
  if (!row.step()) return std::nullopt;
  return Summary{std::string(space), std::string(session), std::string(row.text(1)), row.integer(0)};
}

std::vector<TurnStore::Session> SummaryStore::waiting(int64_t min_turns, UnixTime rest, int64_t most) {
  const Reading reading(database_);
  Statement rows = database_.prepare(
      "SELECT turn.space, turn.session, count(*) AS turns, min(time), max(seen) AS latest FROM turn"
      " LEFT JOIN summary ON summary.space = turn.space AND summary.session = turn.session"
      " WHERE role IN (0, 1) GROUP BY turn.space, turn.session"
      " HAVING turns >= ?1 AND latest < ?2 AND max(turn.id) > coalesce(max(summary.last), 0) ORDER BY latest LIMIT ?3");
  rows.bind(1, min_turns).bind(2, rest).bind(3, most);
  std::vector<TurnStore::Session> sessions;
  while (rows.step())
    sessions.push_back(
        {std::string(rows.text(0)), std::string(rows.text(1)), rows.integer(2), rows.integer(3), rows.integer(4)});
  return sessions;
}

}  // namespace loam
