// The parts of add_json_schema: one compiler per schema, one function per type of value.
#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/grammar/byte_dfa.h"
#include "engine/grammar/json_rules.h"
#include "engine/grammar/rules.h"
#include "engine/grammar/schema_reader.h"

namespace loam {

class SchemaCompiler {
 public:
  SchemaCompiler(GrammarRules& rules, const Json& root) : rules_(rules), json_(rules), reader_(root) {}
  ExpressionId compile();

 private:
  // Bits of a set of types. A number is an integer or not, so that `number` is both.
  enum Type : unsigned {
    kNull = 1,
    kBoolean = 2,
    kInteger = 4,
    kFraction = 8,
    kNumber = kInteger | kFraction,
    kString = 16,
    kArray = 32,
    kObject = 64,
    kAnyType = 127,
  };
  struct Waiting {
    RuleId rule;
    Conjunction conjunction;
  };
  // One of an object's members that the schema names.
  struct Property {
    std::string name;
    Conjunction value;
    bool required = false;
  };

  // The values that satisfy all of `conjunction`: a call of a rule, made when its turn comes, so that schemas may
  // contain themselves and be deep.
  ExpressionId value(const Conjunction& conjunction);
  ExpressionId alternative(const Conjunction& plain);
  unsigned types(const Conjunction& plain) const;
  static unsigned types_of(const SchemaPlace& place);
  static unsigned type_of(const Json& value);

  std::optional<std::vector<Json>> enumerated(const Conjunction& plain) const;
  ExpressionId constants(const Conjunction& plain, const std::vector<Json>& values);
  ExpressionId number(const Conjunction& plain, bool whole);

  // ---- schema_strings.cpp ----
  ExpressionId string(const Conjunction& plain);
  // The texts of strings that satisfy it; nothing where any string does.
  std::optional<ByteDfa> string_texts(const Conjunction& plain);
  struct StringConditions;
  StringConditions string_conditions(const Conjunction& plain);
  ExpressionId regex(const SchemaPlace& place, const char* keyword, const std::string& pattern);
  ByteDfa combined(const SchemaPlace& place, const StringConditions& conditions);

  // ---- schema_arrays.cpp ----
  ExpressionId array(const Conjunction& plain);

  // ---- schema_objects.cpp ----
  struct ObjectPart;  // what one schema says of an object's members
  ExpressionId object(const Conjunction& plain);
  std::vector<ObjectPart> object_parts(const Conjunction& plain);
  std::vector<Property> properties(const std::vector<ObjectPart>& parts) const;
  // Members that the schema does not name.
  std::vector<ExpressionId> other_members(const std::vector<ObjectPart>& parts, const std::vector<Property>& named);
  ExpressionId key_of(const ByteDfa& names) { return json_.string_of(rules_.dfa(names)); }
  std::optional<ByteDfa> allowed_names(const Conjunction& plain);

  GrammarRules& rules_;
  JsonRules json_;
  SchemaReader reader_;
  std::map<std::vector<const Json*>, RuleId> rule_of_;  // by the conjunction's schemas, ordered
  std::deque<Waiting> waiting_;
};

}  // namespace loam
