// PatternStore: the patterns that were found last, which of them the user muted, and when one was last shown.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "memory/patterns/patterns.h"
#include "memory/store/database.h"
#include "memory/store/turn_store.h"

namespace loam {

struct StoredPattern : TurnPattern {
  bool muted = false;
  UnixTime shown = 0;  // 0: never
};

// A pattern goes with the first of its turns that is erased; what is left of it is found again, if it still is one.
class PatternStore final : public DerivedIndex {
 public:
  static constexpr int kVersion = 1;

  explicit PatternStore(Database& database);

  std::string_view name() const override { return "patterns"; }
  void add(const Turn&) override {}  // patterns are found when all is quiet, not with each turn
  void remove(std::span<const TurnId> turns) override;
  void clear() override;

  // All that was found in a namespace before makes way; what was muted stays muted, what was shown stays shown.
  void replace(std::string_view space, std::span<const TurnPattern> patterns);
  std::vector<StoredPattern> list(std::string_view space);  // the strongest first
  void mute(std::string_view space, std::string_view key, bool muted);
  void mark_shown(std::string_view space, std::string_view key, UnixTime time);

  // For a prompt: at most two that have to do with the query (relevance ≥ .35), are not muted and were not shown in the
  // last seven days, whose sentences are together about 60 tokens at most. `mark_shown` those that were used.
  std::vector<StoredPattern> choose(std::string_view space, std::string_view query, Language language, UnixTime now);

 private:
  Database& database_;
};

// 0…1: which share of what a pattern is about the query is about too.
double pattern_relevance(const TurnPattern& pattern, std::string_view query);

}  // namespace loam
