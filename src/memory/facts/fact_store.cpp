#include "memory/facts/fact_store.h"

#include <algorithm>
#include <set>
#include <utility>

#include "memory/facts/fact_rules.h"

namespace loam {
namespace {

constexpr char kFactSchema[] = R"(
  CREATE TABLE IF NOT EXISTS fact_statement (
    id INTEGER PRIMARY KEY, space TEXT NOT NULL, subject TEXT NOT NULL, attribute TEXT NOT NULL, value TEXT NOT NULL,
    value_key TEXT NOT NULL, turn INTEGER NOT NULL, confidence REAL NOT NULL, ends INTEGER NOT NULL,
    valid_from INTEGER NOT NULL, said INTEGER NOT NULL, seen INTEGER NOT NULL);
  CREATE INDEX IF NOT EXISTS fact_statement_turn ON fact_statement (turn);
  CREATE INDEX IF NOT EXISTS fact_statement_key ON fact_statement (space, subject, attribute, value_key);
  CREATE TABLE IF NOT EXISTS fact (
    id INTEGER PRIMARY KEY, space TEXT NOT NULL, subject TEXT NOT NULL, attribute TEXT NOT NULL, value TEXT NOT NULL,
    value_key TEXT NOT NULL, confidence REAL NOT NULL, valid_from INTEGER NOT NULL, valid_to INTEGER NOT NULL,
    seen_at INTEGER NOT NULL, retracted_at INTEGER NOT NULL);
  CREATE INDEX IF NOT EXISTS fact_key ON fact (space, subject, attribute, value_key);
  CREATE TABLE IF NOT EXISTS fact_source (fact INTEGER NOT NULL REFERENCES fact ON DELETE CASCADE,
    turn INTEGER NOT NULL, PRIMARY KEY (fact, turn)) WITHOUT ROWID;
)";

constexpr double kMostConfidence = 0.99;
// A value that is liked is no longer disliked, and the other way round.
std::string_view opposite_of(std::string_view attribute) {
  if (attribute == "likes") return "dislikes";
  if (attribute == "dislikes") return "likes";
  return {};
}

}  // namespace

struct FactStore::Said {
  FactStatement statement;
  TurnId turn;
  UnixTime said, seen;
};

FactStore::FactStore(Database& database) : database_(database) {
  Transaction transaction(database_);
  database_.run(kFactSchema);
  transaction.commit();
}

bool FactStore::may_make_facts(const Turn& turn) {
  return turn.role == TurnRole::user && turn.origin == TurnOrigin::user;
}

void FactStore::add(const Turn& turn) {
  if (may_make_facts(turn)) add_statements(turn, find_statements(turn.text));
}

void FactStore::add_statements(const Turn& turn, std::span<const FactStatement> statements) {
  if (!may_make_facts(turn) || statements.empty()) return;
  Transaction transaction(database_);
  std::set<Key> changed;
  const auto store = [&](const FactStatement& statement, std::string_view attribute, bool ends) {
    const std::string value_key = is_single_valued(attribute) ? "" : fact_value_key(statement.value);
    database_
        .prepare(
            "INSERT INTO fact_statement (space, subject, attribute, value, turn, confidence, ends, valid_from, said,"
            " seen, value_key) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)")
        .bind(1, turn.space)
        .bind(2, statement.subject)
        .bind(3, attribute)
        .bind(4, statement.value)
        .bind(5, turn.id)
        .bind(6, statement.confidence)
        .bind(7, int64_t{ends})
        .bind(8, statement.valid_from != 0 ? statement.valid_from : turn.time)
        .bind(9, turn.time)
        .bind(10, turn.seen)
        .bind(11, value_key)
        .run();
    changed.insert({turn.space, statement.subject, std::string(attribute), value_key});
  };
  for (const FactStatement& statement : statements) {
    store(statement, statement.attribute, statement.ends);
    const std::string_view opposite = opposite_of(statement.attribute);
    if (!opposite.empty() && !statement.ends) store(statement, opposite, true);
  }
  for (const Key& key : changed) fold(key);
  transaction.commit();
}

void FactStore::remove(std::span<const TurnId> turns) {
  Transaction transaction(database_);
  std::set<Key> changed;
  for (const TurnId turn : turns) {
    {
      Statement rows =
          database_.prepare("SELECT space, subject, attribute, value_key FROM fact_statement WHERE turn = ?1");
      rows.bind(1, turn);
      while (rows.step())
        changed.insert({std::string(rows.text(0)), std::string(rows.text(1)), std::string(rows.text(2)),
                        std::string(rows.text(3))});
    }
    database_.prepare("DELETE FROM fact_statement WHERE turn = ?1").bind(1, turn).run();
  }
  for (const Key& key : changed) fold(key);
  transaction.commit();
}

void FactStore::clear() {
  Transaction transaction(database_);
  database_.run("DELETE FROM fact_source; DELETE FROM fact; DELETE FROM fact_statement;");
  transaction.commit();
}

std::vector<FactStore::Said> FactStore::statements_of(const Key& key) {
  Statement rows = database_.prepare(
      "SELECT value, turn, confidence, ends, valid_from, said, seen FROM fact_statement"
      " WHERE space = ?1 AND subject = ?2 AND attribute = ?3 AND value_key = ?4 ORDER BY said, turn, id");
  rows.bind(1, key.space).bind(2, key.subject).bind(3, key.attribute).bind(4, key.value_key);
  std::vector<Said> all;
  while (rows.step()) {
    FactStatement statement;
    statement.attribute = key.attribute;
    statement.value = rows.text(0);
    statement.confidence = rows.real(2);
    statement.ends = rows.integer(3) != 0;
    statement.valid_from = rows.integer(4);
    all.push_back({std::move(statement), rows.integer(1), rows.integer(5), rows.integer(6)});
  }
  return all;
}

// The statements in the order in which they were said, each changing the facts that held before it.
void FactStore::fold(const Key& key) {
  struct Open {
    Fact fact;
    std::string value_key;
  };
  std::vector<Open> facts;
  const bool single = is_single_valued(key.attribute);
  for (const Said& said : statements_of(key)) {
    const FactStatement& statement = said.statement;
    const std::string value_key = fact_value_key(statement.value);
    bool confirmed = false;
    for (Open& open : facts) {
      Fact& fact = open.fact;
      if (fact.valid_to != 0) continue;
      const bool same = open.value_key == value_key;
      if (same && !statement.ends) {
        confirmed = true;
        fact.confidence = std::min(kMostConfidence, 1 - (1 - fact.confidence) * (1 - statement.confidence));
        if (fact.turns.back() != said.turn) fact.turns.push_back(said.turn);
      } else if (statement.ends ? same || statement.value.empty() : single) {
        fact.valid_to = std::max(statement.ends ? said.said : statement.valid_from, fact.valid_from + 1);
        fact.retracted_at = said.seen;
      }
    }
    if (confirmed || statement.ends) continue;
    Fact fact;
    fact.value = statement.value;
    fact.confidence = statement.confidence;
    fact.valid_from = statement.valid_from;
    fact.seen_at = said.seen;
    fact.turns = {said.turn};
    facts.push_back({std::move(fact), value_key});
  }
  database_.prepare("DELETE FROM fact WHERE space = ?1 AND subject = ?2 AND attribute = ?3 AND value_key = ?4")
      .bind(1, key.space)
      .bind(2, key.subject)
      .bind(3, key.attribute)
      .bind(4, key.value_key)
      .run();
  for (const Open& open : facts) insert(key, open.fact);
}

void FactStore::insert(const Key& key, const Fact& fact) {
  database_
      .prepare(
          "INSERT INTO fact (space, subject, attribute, value, confidence, valid_from, valid_to, seen_at,"
          " retracted_at, value_key) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)")
      .bind(1, key.space)
      .bind(2, key.subject)
      .bind(3, key.attribute)
      .bind(4, fact.value)
      .bind(5, fact.confidence)
      .bind(6, fact.valid_from)
      .bind(7, fact.valid_to)
      .bind(8, fact.seen_at)
      .bind(9, fact.retracted_at)
      .bind(10, key.value_key)
      .run();
  const int64_t id = database_.last_id();
  for (const TurnId turn : fact.turns)
    database_.prepare("INSERT OR IGNORE INTO fact_source VALUES (?1, ?2)").bind(1, id).bind(2, turn).run();
}

std::vector<Fact> FactStore::facts(const FactQuery& query) {
  const Reading reading(database_);
  std::vector<Fact> found;
  Statement rows = database_.prepare(
      "SELECT id, space, subject, attribute, value, confidence, valid_from, valid_to, seen_at, retracted_at FROM fact"
      " WHERE (?1 = '' OR subject = ?1) AND (?2 = '' OR attribute = ?2 OR substr(attribute, 1, length(?2) + 1) = ?2 || "
      "'.')"
      " ORDER BY attribute, valid_to != 0, valid_from DESC, confidence DESC, value");
  rows.bind(1, query.subject).bind(2, query.attribute);
  while (rows.step() && std::ssize(found) < query.most) {
    Fact fact{rows.integer(0),
              std::string(rows.text(1)),
              std::string(rows.text(2)),
              std::string(rows.text(3)),
              std::string(rows.text(4)),
              rows.real(5),
              rows.integer(6),
              rows.integer(7),
              rows.integer(8),
              rows.integer(9),
              {}};
    if (!query.spaces.empty() && std::ranges::find(query.spaces, fact.space) == query.spaces.end()) continue;
    if (query.known_at != 0) {
      if (fact.seen_at > query.known_at) continue;
      if (fact.retracted_at > query.known_at) fact.valid_to = fact.retracted_at = 0;
    }
    const bool begun = query.as_of == 0 || fact.valid_from <= query.as_of;
    const bool ended = fact.valid_to != 0 && (query.as_of == 0 || fact.valid_to <= query.as_of);
    if (!query.history && (!begun || ended)) continue;
    // Of several namespaces the newest value is the one that holds.
    const bool superseded = !query.history && !found.empty() && is_single_valued(fact.attribute) &&
                            found.back().attribute == fact.attribute && found.back().subject == fact.subject;
    if (!superseded) found.push_back(std::move(fact));
  }
  for (Fact& fact : found) {
    Statement sources = database_.prepare("SELECT turn FROM fact_source WHERE fact = ?1 ORDER BY turn");
    sources.bind(1, fact.id);
    while (sources.step()) fact.turns.push_back(sources.integer(0));
  }
  return found;
}

int64_t FactStore::size() {
  const Reading reading(database_);
  return database_.find_integer("SELECT count(*) FROM fact WHERE valid_to = 0").value_or(0);
}

}  // namespace loam
