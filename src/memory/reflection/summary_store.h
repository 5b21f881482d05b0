// SummaryStore: what conversations were about, in a few sentences that a model wrote while nobody asked.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "memory/store/turn_store.h"

namespace loam {

struct Summary {
  std::string space, session, text;
  TurnId last = 0;  // of the turns that it tells of
};

class SummaryStore final : public DerivedIndex {
 public:
  static constexpr int kVersion = 1;

  explicit SummaryStore(Database& database);

  std::string_view name() const override { return "summary"; }
  void add(const Turn&) override {}
  // Every summary that may tell of an erased turn goes, too.
  void remove(std::span<const TurnId> turns) override;
  void clear() override;

  void keep(const Summary& summary);
  std::optional<Summary> find(std::string_view space, std::string_view session);
  // Conversations of at least `min_turns` that have gone on since they were last summarised, and rest since `rest`; the
  // one that rests longest first.
  std::vector<TurnStore::Session> waiting(int64_t min_turns, UnixTime rest, int64_t most);

 private:
  Database& database_;
};

}  // namespace loam
