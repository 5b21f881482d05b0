// What a conversation was told at its start about its user: kept, so that its prompts go on with the same prefix while
// facts come and go. A conversation that begins later gets what is known then.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "memory/store/turn_store.h"

namespace loam {

class CoreSnapshot final : public DerivedIndex {
 public:
  static constexpr int kVersion = 1;

  explicit CoreSnapshot(Database& database);

  std::string_view name() const override { return "core_snapshot"; }
  void add(const Turn&) override {}
  // Any of them may tell of an erased turn: all are made anew.
  void remove(std::span<const TurnId>) override { clear(); }
  void clear() override;

  std::optional<std::string> find(std::string_view space, std::string_view session);
  void keep(std::string_view space, std::string_view session, std::string_view core);

 private:
  Database& database_;
};

}  // namespace loam
