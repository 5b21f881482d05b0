#include "memory/store/turn_store.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/utf8.h"

namespace loam {
namespace {

constexpr char kTurnSchema[] = R"(
  CREATE TABLE IF NOT EXISTS turn (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    space TEXT NOT NULL, session TEXT NOT NULL, role INTEGER NOT NULL, origin INTEGER NOT NULL, speaker TEXT NOT NULL,
    text TEXT NOT NULL, time INTEGER NOT NULL, seen INTEGER NOT NULL, partial INTEGER NOT NULL, key TEXT);
  CREATE UNIQUE INDEX IF NOT EXISTS turn_key ON turn (space, role, key) WHERE key IS NOT NULL;
  CREATE INDEX IF NOT EXISTS turn_session ON turn (session, id);
  CREATE TABLE IF NOT EXISTS derived (name TEXT PRIMARY KEY, version INTEGER NOT NULL) WITHOUT ROWID;
)";

#define LOAM_TURN_COLUMNS "id, space, session, role, origin, speaker, text, time, seen, partial, key"

Turn read_turn(const Statement& row) {
  Turn turn;
  turn.id = row.integer(0);
  turn.space = row.text(1);
  turn.session = row.text(2);
  turn.role = static_cast<TurnRole>(row.integer(3));
  turn.origin = static_cast<TurnOrigin>(row.integer(4));
  turn.speaker = row.text(5);
  turn.text = row.text(6);
  turn.time = row.integer(7);
  turn.seen = row.integer(8);
  turn.partial = row.integer(9) != 0;
  turn.key = row.text(10);
  return turn;
}

void check_turn(const NewTurn& turn) {
  for (const std::string* text : {&turn.space, &turn.session, &turn.speaker, &turn.text, &turn.key}) {
    if (!is_valid_utf8(*text)) throw Error(Error::Code::invalid, "a turn's text is not UTF-8", "text");
  }
  if (turn.space.empty()) throw Error(Error::Code::invalid, "a namespace has a name", "namespace");
}

}  // namespace

TurnStore::TurnStore(Database& database) : database_(database) {
  Transaction transaction(database_);
  database_.run(kTurnSchema);
  transaction.commit();
}

void TurnStore::attach(DerivedIndex& index, int version) {
  indexes_.push_back(&index);
  Transaction transaction(database_);
  Statement known = database_.prepare("SELECT version FROM derived WHERE name = ?1");
  known.bind(1, index.name());
  if (!known.step() || known.integer(0) != version) {
    index.clear();
    for_each("", "", [&](const Turn& turn) {
      index.add(turn);
      return true;
    });
    database_.prepare("INSERT OR REPLACE INTO derived VALUES (?1, ?2)")
        .bind(1, index.name())
        .bind(2, int64_t{version})
        .run();
  }
  transaction.commit();
  ++n_changes_;
}

TurnId TurnStore::add(const NewTurn& turn) { return add(std::span(&turn, 1)).front(); }

std::vector<TurnId> TurnStore::add(std::span<const NewTurn> turns) {
  for (const NewTurn& turn : turns) check_turn(turn);
  std::vector<TurnId> ids;
  Transaction transaction(database_);
  for (const NewTurn& turn : turns) ids.push_back(insert(turn));
  transaction.commit();
  return ids;
}

TurnId TurnStore::insert(const NewTurn& turn) {
  if (const auto same = find_key(turn)) return *same;
  Turn stored{turn, 0, unix_now()};
  if (stored.time == 0) stored.time = stored.seen;
  store(stored);
  return stored.id;
}

std::optional<TurnId> TurnStore::find_key(const NewTurn& turn) {
  if (turn.key.empty()) return std::nullopt;
  Statement same = database_.prepare("SELECT id FROM turn WHERE space = ?1 AND role = ?2 AND key = ?3");
  same.bind(1, turn.space).bind(2, static_cast<int64_t>(turn.role)).bind(3, turn.key);
  return same.step() ? std::optional<TurnId>(same.integer(0)) : std::nullopt;
}

void TurnStore::store(Turn& turn) {
  {
    Statement added = database_.prepare("INSERT INTO turn (" LOAM_TURN_COLUMNS
                                        ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)");
    if (turn.id != 0) added.bind(1, turn.id);
    added.bind(2, turn.space).bind(3, turn.session).bind(4, static_cast<int64_t>(turn.role));
    added.bind(5, static_cast<int64_t>(turn.origin)).bind(6, turn.speaker).bind(7, turn.text);
    added.bind(8, turn.time).bind(9, turn.seen).bind(10, int64_t{turn.partial});
    if (!turn.key.empty()) added.bind(11, turn.key);  // else NULL, as all that is not bound
    added.run();
  }
  turn.id = database_.last_id();
  ++n_changes_;
  for (DerivedIndex* index : indexes_) index->add(turn);
}

bool TurnStore::holds(const Turn& turn) {
  Statement same = database_.prepare(
      "SELECT 1 FROM turn WHERE session = ?1 AND space = ?2 AND seen = ?3 AND role = ?4 AND text = ?5 AND key IS NULL");
  same.bind(1, turn.session).bind(2, turn.space).bind(3, turn.seen);
  same.bind(4, static_cast<int64_t>(turn.role)).bind(5, turn.text);
  return turn.key.empty() && same.step();
}

int64_t TurnStore::restore(std::span<const Turn> turns) {
  for (const Turn& turn : turns) check_turn(turn);
  int64_t n_stored = 0;
  Transaction transaction(database_);
  TurnId highest = latest_id();
  for (const Turn& turn : turns) {
    // One whose id was never given here is new, even if it is alike another.
    if (find_key(turn) || (turn.id <= highest && holds(turn))) continue;
    Turn stored = turn;
    if (stored.id <= highest) stored.id = 0;
    store(stored);
    highest = stored.id;
    ++n_stored;
  }
  transaction.commit();
  return n_stored;
}

std::optional<Turn> TurnStore::find(TurnId id) {
  const Reading reading(database_);
  Statement row = database_.prepare("SELECT " LOAM_TURN_COLUMNS " FROM turn WHERE id = ?1");
  row.bind(1, id);
  if (!row.step()) return std::nullopt;
  return read_turn(row);
}

std::vector<Turn> TurnStore::find(std::span<const TurnId> ids) {
  const Reading reading(database_);
  std::vector<Turn> turns;
  for (const TurnId id : ids) {
    if (auto turn = find(id)) turns.push_back(std::move(*turn));
  }
  return turns;
}

// In pieces, so that `visit` may use the store and a million turns need no memory.
void TurnStore::for_each(std::string_view space, std::string_view session,
                         const std::function<bool(const Turn&)>& visit, TurnId after) {
  constexpr int64_t kPiece = 256;
  for (;;) {
    std::vector<Turn> piece;
    {
      const Reading reading(database_);
      // One session's turns come from its index, not from looking at all.
      Statement rows = database_.prepare(session.empty() ? "SELECT " LOAM_TURN_COLUMNS
                                                           " FROM turn WHERE id > ?1 AND (?2 = '' OR space = ?2)"
                                                           " AND ?3 = '' ORDER BY id LIMIT ?4"
                                                         : "SELECT " LOAM_TURN_COLUMNS
                                                           " FROM turn WHERE session = ?3 AND id > ?1"
                                                           " AND (?2 = '' OR space = ?2) ORDER BY id LIMIT ?4");
      rows.bind(1, after).bind(2, space).bind(3, session).bind(4, kPiece);
      while (rows.step()) piece.push_back(read_turn(rows));
    }
    for (const Turn& turn : piece) {
      if (!visit(turn)) return;
    }
    if (piece.size() < kPiece) return;
    after = piece.back().id;
  }
}

std::vector<Turn> TurnStore::before(const Turn& turn, int n) {
  const Reading reading(database_);
  Statement rows = database_.prepare(
      "SELECT " LOAM_TURN_COLUMNS " FROM turn WHERE session = ?1 AND space = ?2 AND id < ?3 ORDER BY id DESC LIMIT ?4");
  rows.bind(1, turn.session).bind(2, turn.space).bind(3, turn.id).bind(4, int64_t{n});
  std::vector<Turn> turns;
  while (rows.step()) turns.push_back(read_turn(rows));
  return turns;
}

std::vector<Turn> TurnStore::after(const Turn& turn, int n) {
  const Reading reading(database_);
  Statement rows = database_.prepare("SELECT " LOAM_TURN_COLUMNS
                                     " FROM turn WHERE session = ?1 AND space = ?2 AND id > ?3 ORDER BY id LIMIT ?4");
  rows.bind(1, turn.session).bind(2, turn.space).bind(3, turn.id).bind(4, int64_t{n});
  std::vector<Turn> turns;
  while (rows.step()) turns.push_back(read_turn(rows));
  return turns;
}

std::vector<TurnStore::Session> TurnStore::sessions(std::string_view space) {
  const Reading reading(database_);
  Statement rows = database_.prepare(
      "SELECT space, session, count(*), min(time), max(time) FROM turn WHERE (?1 = '' OR space = ?1)"
      " GROUP BY space, session ORDER BY max(id) DESC");
  rows.bind(1, space);
  std::vector<Session> sessions;
  while (rows.step()) {
    sessions.push_back(
        {std::string(rows.text(0)), std::string(rows.text(1)), rows.integer(2), rows.integer(3), rows.integer(4)});
  }
  return sessions;
}

std::vector<std::string> TurnStore::spaces() {
  const Reading reading(database_);
  Statement rows = database_.prepare("SELECT DISTINCT space FROM turn ORDER BY space");
  std::vector<std::string> spaces;
  while (rows.step()) spaces.emplace_back(rows.text(0));
  return spaces;
}

int64_t TurnStore::size() {
  const Reading reading(database_);
  return database_.find_integer("SELECT count(*) FROM turn").value_or(0);
}

TurnId TurnStore::latest_id() {
  const Reading reading(database_);
  return database_.find_integer("SELECT seq FROM sqlite_sequence WHERE name = 'turn'").value_or(0);
}

int64_t TurnStore::erase(std::span<const TurnId> ids) {
  int64_t n_erased = 0;
  {
    Transaction transaction(database_);
    for (const TurnId id : ids) {
      database_.prepare("DELETE FROM turn WHERE id = ?1").bind(1, id).run();
      n_erased += database_.n_changed();
    }
    for (DerivedIndex* index : indexes_) index->remove(ids);
    transaction.commit();
    ++n_changes_;
  }
  database_.checkpoint();
  return n_erased;
}

void TurnStore::rebuild(const std::function<bool(int64_t, int64_t)>& progress) {
  Transaction transaction(database_);
  const int64_t all = size();
  int64_t done = 0;
  for (DerivedIndex* index : indexes_) index->clear();
  bool stopped = false;
  for_each("", "", [&](const Turn& turn) {
    for (DerivedIndex* index : indexes_) index->add(turn);
    stopped = progress && !progress(++done, all);
    return !stopped;
  });
  if (stopped) throw Error(Error::Code::cancelled, "stopped; memory is as it was before", "rebuild");
  transaction.commit();
  ++n_changes_;
}

}  // namespace loam
