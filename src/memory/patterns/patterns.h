// What repeats in a user's turns without being noticed: words and names that go together, moods, times, bursts; each
// with proof.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "memory/store/turn_store.h"
#include "memory/text/words.h"
#include "memory/turn.h"

namespace loam {

enum class PatternKind : uint8_t { pair, emotion, burst, weekday, hour };
std::string_view pattern_kind_name(PatternKind kind);  // "pair"

struct TurnPattern {
  PatternKind kind = PatternKind::pair;
  std::vector<std::string>
      items;  // as the user wrote them; behind one word: its emotion, weekday (0 Sunday) or first hour of four
  std::vector<std::string> names;      // of each item that is a name what it names ("person", "place"), else ""
  int64_t n_sessions = 0, n_days = 0;  // where all of it holds
  double npmi = 0;                     // −1…1, of the word and what it goes with
  double g2 = 0;                       // Dunning's log-likelihood ratio, of the same table
  double lift = 0;                     // how many times more often than by chance
  double p = 1;                        // of as many sessions by chance
  std::vector<TurnId> turns;           // the evidence, ascending; at most 100
  UnixTime first = 0, last = 0;
  std::string key;  // the same for the same pattern whenever it is found: for muting it
};

struct PatternOptions {
  std::string space;       // empty: all
  int64_t utc_offset = 0;  // of the user's clock, in milliseconds
  double false_discovery = 0.05;
};

// Reads the turns that the user typed (role and origin `user`). A session counts once however often it says a thing.
// Every pattern is in ≥3 sessions on ≥3 days, has NPMI ≥ .3 and G² ≥ 10.83, and stands Fisher's exact test with
// Benjamini and Hochberg's control of false discoveries over all that was tested; each of the five kinds has a fifth of
// the rate. The strongest first, at most 200. Takes seconds for 100,000 turns: for a quiet moment.
std::vector<TurnPattern> find_patterns(TurnStore& store, const PatternOptions& options = {});

// One sentence, which says that it is but possible: "possible pattern: …"; in English for `other`.
std::string describe_pattern(const TurnPattern& pattern, Language language);

}  // namespace loam
