// A JSON schema's text as data: references followed, keywords checked, alternatives told apart.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace loam {

using Json = nlohmann::ordered_json;

// A schema and where it stands: a JSON pointer with # before it.
struct SchemaPlace {
  const Json* schema;
  std::string pointer;
};

// Schemas that a value satisfies all at once. Empty: any value.
using Conjunction = std::vector<SchemaPlace>;

// Error(grammar_error) where values stand too deep in each other.
void check_schema_depth(const Json& root);

bool is_false(const SchemaPlace& place);  // the schema that nothing satisfies

[[noreturn]] void fail_schema(const SchemaPlace& place, std::string_view keyword, const std::string& message);

// ---- keywords; nothing where the schema does not have the keyword, Error(grammar_error) where it is of another type
// ----
const Json* find_keyword(const SchemaPlace& place, std::string_view keyword);
std::optional<SchemaPlace> find_schema(const SchemaPlace& place, std::string_view keyword);
std::vector<SchemaPlace> find_schemas(const SchemaPlace& place, std::string_view keyword);  // an array's
// An object's, with their names.
std::vector<std::pair<std::string, SchemaPlace>> find_named_schemas(const SchemaPlace& place, std::string_view keyword);
std::optional<std::string> find_string(const SchemaPlace& place, std::string_view keyword);
std::vector<std::string> find_strings(const SchemaPlace& place, std::string_view keyword);
bool find_flag(const SchemaPlace& place, std::string_view keyword);
// A count ≥ 0. A least one above the limit of repetitions is refused, a most one means none.
std::optional<int64_t> find_least(const SchemaPlace& place, std::string_view keyword);
std::optional<int64_t> find_most(const SchemaPlace& place, std::string_view keyword);

class SchemaReader {
 public:
  // Error(grammar_error) where the schema is too deep. It must outlive the reader.
  explicit SchemaReader(const Json& root);

  Conjunction root() const { return {{root_, "#"}}; }
  // The conjunction with $ref and allOf followed, once for each choice among anyOf and oneOf. Each result holds plain
  // objects, whose other keywords are all that is left to obey. No result: no value satisfies it.
  std::vector<Conjunction> alternatives(const Conjunction& conjunction);

 private:
  struct Step {
    SchemaPlace place;
    int from;  // the step that led here; -1 for none
  };
  struct Expansion {
    std::vector<Step> steps;  // those from `next` on are still to be taken
    size_t next = 0;
    std::vector<std::pair<std::vector<SchemaPlace>, int>> choices;  // of anyOf and oneOf, with the step they stand in
  };

  void expand(Expansion expansion, std::vector<Conjunction>& out);
  bool follow(Expansion& expansion);
  void check_loop(const Expansion& expansion, const SchemaPlace& place, int from) const;
  void check_keywords(const SchemaPlace& place);
  SchemaPlace resolve(const SchemaPlace& place, const std::string& reference) const;

  const Json* root_;
  std::set<const Json*> checked_;
  size_t work_ = 0;  // steps taken and copied
};

}  // namespace loam
