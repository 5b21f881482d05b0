// What was recalled for which question: so that later requests repeat it word for word, and /why can tell.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "memory/store/turn_store.h"

namespace loam {

struct TracedItem {
  TurnId turn;
  double score;
  std::string excerpt;   // what of the turn stood in the prompt
  std::string reasons;   // one line
  bool pattern = false;  // the excerpt tells of a pattern, whose first turn this is
};

class RecallTrace final : public DerivedIndex {
 public:
  static constexpr int kVersion = 1;

  explicit RecallTrace(Database& database);

  std::string_view name() const override { return "recall_trace"; }
  void add(const Turn&) override {}
  // What was recalled of an erased turn is forgotten, too.
  void remove(std::span<const TurnId> turns) override;
  void clear() override {}  // not worked out from turns: it tells what happened

  // For a user turn, once; empty lists are kept as well.
  void record(TurnId question, std::span<const TracedItem> items);
  // None where nothing was recorded.
  std::optional<std::vector<TracedItem>> find(TurnId question);
  // Turns that were recalled for any question of a session.
  std::vector<TurnId> recalled_in(std::string_view session);
  std::optional<TurnId> last_question();

 private:
  Database& database_;
};

}  // namespace loam
