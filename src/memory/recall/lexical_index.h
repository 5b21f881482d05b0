// LexicalIndex: which turns share words with a question, by loam's own BM25 over SQLite's FTS5.
//
// FTS5 keeps the terms and where they stand; the ranking is loam's: terms are read one after another, the rarest first,
// and add up in memory, a turn's neighbours counting with it. So one question costs a bounded number of postings.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "memory/recall/turn_rows.h"
#include "memory/store/turn_store.h"

namespace loam {

struct LexicalScores {
  std::vector<float> turns;        // for each row: about 1 where every word of the question occurs, 0 where none does
  std::vector<float> sessions;     // for each session: the same, for all its turns as one text
  std::vector<std::string> terms;  // what was looked for, the rarest first
  std::vector<uint32_t> speakers;  // whom the question names
};

class LexicalIndex : public DerivedIndex {
 public:
  static constexpr int kVersion = 1;
  // Makes its tables where they are missing, and FTS5 functions on the connection. Error(io).
  explicit LexicalIndex(Database& database);

  std::string_view name() const override { return "recall_words"; }
  void add(const Turn& turn) override;
  void remove(std::span<const TurnId> turns) override;
  void clear() override;

  // Under the caller's Reading. `thorough`: reads ten times as many postings before the more common terms are left out.
  LexicalScores score(std::string_view text, bool thorough);
  // The rows of all turns, up to date. Under the caller's Reading, which must last while they are used.
  const TurnRows& rows();

 private:
  struct Term {
    std::string text;
    double weight;        // of the term in the question
    int64_t n_turns = 0;  // that hold it
  };
  std::vector<Term> terms_of_question(std::string_view text);
  int64_t count_turns(const std::string& term);
  void make_tables();

  Database& database_;
  TurnRows rows_;
  bool stale_ = true;                                      // rows_ must be read again from the start
  std::unordered_map<std::string, int64_t> common_terms_;  // how many turns hold those that many do
  size_t counted_at_ = 0;                                  // how many rows there were when they were counted
};

}  // namespace loam
