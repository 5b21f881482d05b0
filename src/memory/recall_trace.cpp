#include "memory/recall_trace.h"

namespace loam {

RecallTrace::RecallTrace(Database& database) : database_(database) {
  Transaction transaction(database_);
  database_.run(
      "CREATE TABLE IF NOT EXISTS recall_question (turn INTEGER PRIMARY KEY);"
      "CREATE TABLE IF NOT EXISTS recall_item ("
      "  question INTEGER NOT NULL, place INTEGER NOT NULL, turn INTEGER NOT NULL, score REAL NOT NULL,"
      "  excerpt TEXT NOT NULL, reasons TEXT NOT NULL, pattern INTEGER NOT NULL, PRIMARY KEY (question, place)) "
      "WITHOUT ROWID;"
      "CREATE INDEX IF NOT EXISTS recall_item_turn ON recall_item (turn)");
  transaction.commit();
}

void RecallTrace::remove(std::span<const TurnId> turns) {
  for (const TurnId turn : turns) {
    database_.prepare("DELETE FROM recall_question WHERE turn = ?1").bind(1, turn).run();
    database_.prepare("DELETE FROM recall_item WHERE question = ?1 OR turn = ?1").bind(1, turn).run();
  }
}

void RecallTrace::record(TurnId question, std::span<const TracedItem> items) {
  Transaction transaction(database_);
  database_.prepare("INSERT OR REPLACE INTO recall_question VALUES (?1)").bind(1, question).run();
  database_.prepare("DELETE FROM recall_item WHERE question = ?1").bind(1, question).run();
  for (size_t i = 0; i < items.size(); ++i) {
    database_.prepare("INSERT INTO recall_item VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")
        .bind(1, question)
        .bind(2, static_cast<int64_t>(i))
        .bind(3, items[i].turn)
        .bind(4, items[i].score)
        .bind(5, items[i].excerpt)
        .bind(6, items[i].reasons)
        .bind(7, int64_t{items[i].pattern})
        .run();
  }
  transaction.commit();
}

std::optional<std::vector<TracedItem>> RecallTrace::find(TurnId question) {
  const Reading reading(database_);
  Statement known = database_.prepare("SELECT 1 FROM recall_question WHERE turn = ?1");
  known.bind(1, question);
  if (!known.step()) return std::nullopt;
  Statement rows = database_.prepare(
      "SELECT turn, score, excerpt, reasons, pattern FROM recall_item WHERE question = ?1 ORDER BY place");
  rows.bind(1, question);
  std::vector<TracedItem> items;
  while (rows.step())
    items.push_back(
        {rows.integer(0), rows.real(1), std::string(rows.text(2)), std::string(rows.text(3)), rows.integer(4) != 0});
  return items;
}

std::vector<TurnId> RecallTrace::recalled_in(std::string_view session) {
  const Reading reading(database_);
  Statement rows = database_.prepare(
      "SELECT DISTINCT recall_item.turn FROM recall_item JOIN turn ON turn.id = recall_item.question"
      " WHERE turn.session = ?1");
  rows.bind(1, session);
  std::vector<TurnId> turns;
  while (rows.step()) turns.push_back(rows.integer(0));
  return turns;
}

std::optional<TurnId> RecallTrace::last_question() {
  const Reading reading(database_);
  return database_.find_integer("SELECT max(turn) FROM recall_question");
}

}  // namespace loam
