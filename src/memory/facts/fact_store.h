// FactStore: what a user's own turns tell about them, kept in step with the turns, with the time that each fact holds.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "memory/facts/fact.h"
#include "memory/store/database.h"
#include "memory/store/turn_store.h"

namespace loam {

// Empty fields ask for all.
struct FactQuery {
  std::vector<std::string> spaces = {};
  std::string subject = {}, attribute = {};  // "pet" also finds "pet.cat"
  UnixTime as_of = 0;                        // what held then; 0: what holds now
  UnixTime known_at = 0;                     // as loam knew it then; 0: as it knows it now
  bool history = false;                      // ended facts too
  int most = 200;
};

// Statements are kept as the turns made them; facts are folded from them: of a single-valued attribute a newer value
// ends the older one, the same value said again confirms it. So erasing a turn undoes exactly what it did.
class FactStore final : public DerivedIndex {
 public:
  static constexpr int kVersion = 1;

  explicit FactStore(Database& database);  // makes its tables where they are missing

  std::string_view name() const override { return "facts"; }
  // Only turns of the user, typed to loam, make facts: nothing imported, recalled, or read in a document.
  void add(const Turn& turn) override;
  void remove(std::span<const TurnId> turns) override;
  void clear() override;

  // What a model found in a turn (facts/extraction.h), besides the rules. Nothing is added for a turn that may make no
  // facts.
  void add_statements(const Turn& turn, std::span<const FactStatement> statements);
  static bool may_make_facts(const Turn& turn);

  // The surest and newest first within each attribute; attributes in the order of their names.
  std::vector<Fact> facts(const FactQuery& query);
  int64_t size();  // facts that hold now

 private:
  struct Key {
    std::string space, subject, attribute;
    std::string value_key;  // "" where a new value ends the older one: all are folded together
    auto operator<=>(const Key&) const = default;
  };
  struct Said;
  std::vector<Said> statements_of(const Key& key);
  void fold(const Key& key);
  void insert(const Key& key, const Fact& fact);

  Database& database_;
};

}  // namespace loam
