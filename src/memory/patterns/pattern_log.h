// What find_patterns counts: the sessions of a user, and which items (words, names, emotions) are in which.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "memory/emotion/emotion.h"
#include "memory/patterns/patterns.h"
#include "memory/text/names.h"

namespace loam {

struct PatternSession {
  int64_t day = 0;  // since 1970, on the user's clock
  int weekday = 0;  // 0 Sunday
  int hours = 0;    // of its first turn: 0…5, four hours each
  double size = 1;  // different words: long sessions hold more of everything
};

struct PatternItem {
  std::string name;                              // as the user wrote it the first time
  std::string term;                              // folded and stemmed; the words of a name with spaces between
  EmotionLabel emotion = EmotionLabel::neutral;  // an emotion where it is not neutral, else a word or a name
  std::optional<NameKind> name_kind;             // of a name: what most mentions tell
  bool feels = false;                            // a word that tells of an emotion by itself
  // Sessions that have it, ascending, with the first such turn.
  std::map<size_t, TurnId> sessions;
};

struct PatternLog {
  std::vector<PatternSession> sessions;
  std::vector<PatternItem> items;  // in ≥3 sessions on ≥3 days, in at most half of all; the most frequent ones
  int64_t first_day = 0, n_days = 0;
};

PatternLog read_pattern_log(TurnStore& store, const PatternOptions& options);

}  // namespace loam
