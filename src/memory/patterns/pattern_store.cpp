#include "memory/patterns/pattern_store.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "memory/emotion/emotion.h"
#include "memory/recall_block.h"
#include "memory/text/token_estimate.h"

namespace loam {
namespace {

constexpr size_t kMostShown = 2;
constexpr size_t kMostTokens = 60;
constexpr double kLeastRelevance = 0.35;
constexpr UnixTime kCooldown = 7LL * 24 * 3600 * 1000;

std::string join_items(const std::vector<std::string>& items) {
  std::string joined;
  for (const std::string& item : items) joined += (joined.empty() ? "" : "\n") + item;
  return joined;
}

std::vector<std::string> split_items(std::string_view joined) {
  std::vector<std::string> items;
  for (size_t begin = 0; begin <= joined.size();) {
    const size_t end = std::min(joined.find('\n', begin), joined.size());
    items.emplace_back(joined.substr(begin, end - begin));
    begin = end + 1;
  }
  return items;
}

StoredPattern pattern_of_row(Statement& row) {
  StoredPattern pattern;
  pattern.key = row.text(0);
  pattern.kind = static_cast<PatternKind>(std::clamp<int64_t>(row.integer(1), 0, 4));
  pattern.items = split_items(row.text(2));
  pattern.n_sessions = row.integer(3);
  pattern.n_days = row.integer(4);
  pattern.npmi = row.real(5);
  pattern.g2 = row.real(6);
  pattern.lift = row.real(7);
  pattern.p = row.real(8);
  pattern.first = row.integer(9);
  pattern.last = row.integer(10);
  pattern.muted = row.integer(11) != 0;
  pattern.shown = row.integer(12);
  pattern.names = split_items(row.text(13));
  return pattern;
}

}  // namespace

PatternStore::PatternStore(Database& database) : database_(database) {
  Transaction transaction(database_);
  database_.run(
      "CREATE TABLE IF NOT EXISTS pattern(space TEXT NOT NULL, key TEXT NOT NULL, kind INTEGER NOT NULL, items TEXT "
      "NOT "
      "NULL, n_sessions INTEGER NOT NULL, n_days INTEGER NOT NULL, npmi REAL NOT NULL, g2 REAL NOT NULL, lift REAL NOT "
      "NULL, p REAL NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, PRIMARY KEY(space, key))");
  database_.run(
      "CREATE TABLE IF NOT EXISTS pattern_turn(turn INTEGER NOT NULL, space TEXT NOT NULL, key TEXT NOT NULL, PRIMARY "
      "KEY(turn, space, key))");
  if (!database_.find_integer("SELECT 1 FROM pragma_table_info('pattern') WHERE name = 'names'"))
    database_.run("ALTER TABLE pattern ADD COLUMN names TEXT NOT NULL DEFAULT ''");
  database_.run(
      "CREATE TABLE IF NOT EXISTS pattern_choice(space TEXT NOT NULL, key TEXT NOT NULL, muted INTEGER NOT NULL "
      "DEFAULT "
      "0, shown INTEGER NOT NULL DEFAULT 0, PRIMARY KEY(space, key))");
  transaction.commit();
}

void PatternStore::remove(std::span<const TurnId> turns) {
  Transaction transaction(database_);
  for (const TurnId turn : turns) {
    database_
        .prepare(
            "DELETE FROM pattern WHERE EXISTS (SELECT 1 FROM pattern_turn AS t WHERE t.turn = ?1 AND t.space = "
            "pattern.space AND t.key = pattern.key)")
        .bind(1, turn)
        .run();
    database_.prepare("DELETE FROM pattern_turn WHERE turn = ?1").bind(1, turn).run();
  }
  transaction.commit();
}

void PatternStore::clear() {
  Transaction transaction(database_);
  database_.run("DELETE FROM pattern");
  database_.run("DELETE FROM pattern_turn");
  transaction.commit();
}

void PatternStore::replace(std::string_view space, std::span<const TurnPattern> patterns) {
  Transaction transaction(database_);
  database_.prepare("DELETE FROM pattern WHERE space = ?1").bind(1, space).run();
  database_.prepare("DELETE FROM pattern_turn WHERE space = ?1").bind(1, space).run();
  for (const TurnPattern& pattern : patterns) {
    const std::string items = join_items(pattern.items), names = join_items(pattern.names);
    database_.prepare("INSERT INTO pattern VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)")
        .bind(1, space)
        .bind(2, pattern.key)
        .bind(3, static_cast<int64_t>(pattern.kind))
        .bind(4, items)
        .bind(5, pattern.n_sessions)
        .bind(6, pattern.n_days)
        .bind(7, pattern.npmi)
        .bind(8, pattern.g2)
        .bind(9, pattern.lift)
        .bind(10, pattern.p)
        .bind(11, pattern.first)
        .bind(12, pattern.last)
        .bind(13, names)
        .run();
    for (const TurnId turn : pattern.turns) {
      database_.prepare("INSERT INTO pattern_turn VALUES(?1, ?2, ?3)")
          .bind(1, turn)
          .bind(2, space)
          .bind(3, pattern.key)
          .run();
    }
  }
  transaction.commit();
}

std::vector<StoredPattern> PatternStore::list(std::string_view space) {
  const Reading reading(database_);
  std::vector<StoredPattern> patterns;
  Statement rows = database_.prepare(
      "SELECT p.key, kind, items, n_sessions, n_days, npmi, g2, lift, p, first, last, coalesce(muted, 0), "
      "coalesce(shown, 0), names FROM pattern AS p LEFT JOIN pattern_choice AS c ON c.space = p.space AND c.key = "
      "p.key "
      "WHERE p.space = ?1 ORDER BY p, p.key");
  rows.bind(1, space);
  while (rows.step()) patterns.push_back(pattern_of_row(rows));
  for (StoredPattern& pattern : patterns) {
    Statement turns = database_.prepare("SELECT turn FROM pattern_turn WHERE space = ?1 AND key = ?2 ORDER BY turn");
    turns.bind(1, space).bind(2, pattern.key);
    while (turns.step()) pattern.turns.push_back(turns.integer(0));
  }
  return patterns;
}

void PatternStore::mute(std::string_view space, std::string_view key, bool muted) {
  Transaction transaction(database_);
  database_
      .prepare("INSERT INTO pattern_choice(space, key, muted) VALUES(?1, ?2, ?3) ON CONFLICT DO UPDATE SET muted = ?3")
      .bind(1, space)
      .bind(2, key)
      .bind(3, static_cast<int64_t>(muted))
      .run();
  transaction.commit();
}

void PatternStore::mark_shown(std::string_view space, std::string_view key, UnixTime time) {
  Transaction transaction(database_);
  database_
      .prepare("INSERT INTO pattern_choice(space, key, shown) VALUES(?1, ?2, ?3) ON CONFLICT DO UPDATE SET shown = ?3")
      .bind(1, space)
      .bind(2, key)
      .bind(3, time)
      .run();
  transaction.commit();
}

double pattern_relevance(const TurnPattern& pattern, std::string_view query) {
  std::unordered_set<std::string> terms;
  for (const Word& word : words_of(query)) terms.insert(word.term);
  if (pattern.items.empty()) return 0;
  const auto is_asked = [&](const std::string& item) {
    const std::vector<Word> words = words_of(item);
    return !words.empty() && std::ranges::all_of(words, [&](const Word& word) { return terms.contains(word.term); });
  };
  const bool has_first = is_asked(pattern.items[0]);
  if (pattern.kind == PatternKind::pair && pattern.items.size() > 1)
    return 0.5 * has_first + 0.5 * is_asked(pattern.items[1]);
  if (pattern.kind == PatternKind::emotion && pattern.items.size() > 1) {
    return 0.7 * has_first + 0.3 * (emotion_label_name(feel(query).label) == pattern.items[1]);
  }
  return has_first;
}

std::vector<StoredPattern> PatternStore::choose(std::string_view space, std::string_view query, Language language,
                                                UnixTime now) {
  std::vector<std::pair<double, StoredPattern>> fitting;
  for (StoredPattern& pattern : list(space)) {
    const double relevance = pattern_relevance(pattern, query);
    const bool rests = pattern.shown != 0 && now - pattern.shown < kCooldown;
    if (!pattern.muted && !rests && relevance >= kLeastRelevance) fitting.emplace_back(relevance, std::move(pattern));
  }
  std::stable_sort(fitting.begin(), fitting.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<StoredPattern> chosen;
  size_t tokens = 0;
  for (auto& [relevance, pattern] : fitting) {
    const size_t more = estimate_tokens(describe_pattern(pattern, language));
    if (chosen.size() == kMostShown || tokens + more > kMostTokens) continue;
    tokens += more;
    chosen.push_back(std::move(pattern));
  }
  return chosen;
}

}  // namespace loam
