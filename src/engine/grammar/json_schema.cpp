#include "engine/grammar/json_schema.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "engine/grammar/limits.h"
#include "engine/grammar/number_rules.h"
#include "engine/grammar/schema_compiler.h"

namespace loam {
namespace {

// Brackets open in each other at most, strings left out.
int depth_of(std::string_view text) {
  int depth = 0, most = 0;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      in_string = c != '"';
    } else {
      in_string = c == '"';
      depth += (c == '{' || c == '[') - (c == '}' || c == ']');
      most = std::max(most, depth);
    }
  }
  return most;
}

}  // namespace

Json parse_schema(std::string_view text) {
  const auto fail = [](const std::string& message) -> void {
    throw Error(Error::Code::grammar_error, "JSON schema: " + message);
  };
  if (text.size() > grammar_limits::kSourceBytes) {
    fail(fmt::format("{} bytes; the limit is {}", text.size(), grammar_limits::kSourceBytes));
  }
  if (depth_of(text) > grammar_limits::kNesting) {
    fail(fmt::format("values stand more than {} deep in each other", grammar_limits::kNesting));
  }
  try {
    return Json::parse(text);
  } catch (const nlohmann::json::exception& e) {
    fail(fmt::format("this is no JSON: {}", e.what()));
    throw;
  }
}

ExpressionId add_json_schema(GrammarRules& rules, const Json& schema) {
  return SchemaCompiler(rules, schema).compile();
}

ExpressionId SchemaCompiler::compile() {
  const ExpressionId root = value(reader_.root());
  while (!waiting_.empty()) {
    const Waiting next = std::move(waiting_.front());
    waiting_.pop_front();
    std::vector<ExpressionId> alternatives;
    for (const Conjunction& plain : reader_.alternatives(next.conjunction)) alternatives.push_back(alternative(plain));
    rules_.define(next.rule, rules_.choice(std::move(alternatives)));
  }
  return root;
}

ExpressionId SchemaCompiler::value(const Conjunction& conjunction) {
  std::vector<const Json*> key;
  for (const SchemaPlace& place : conjunction) key.push_back(place.schema);
  std::ranges::sort(key);
  key.erase(std::unique(key.begin(), key.end()), key.end());
  if (key.empty()) return json_.value();
  const auto [at, is_new] = rule_of_.try_emplace(std::move(key), -1);
  if (is_new) {
    at->second = rules_.add_rule(conjunction.front().pointer);
    waiting_.push_back({at->second, conjunction});
  }
  return rules_.call(at->second);
}

ExpressionId SchemaCompiler::alternative(const Conjunction& plain) {
  if (const auto values = enumerated(plain)) return constants(plain, *values);
  const unsigned allowed = types(plain);
  std::vector<ExpressionId> choices;
  if (allowed & kObject) choices.push_back(object(plain));
  if (allowed & kArray) choices.push_back(array(plain));
  if (allowed & kString) choices.push_back(string(plain));
  if (allowed & kNumber) choices.push_back(number(plain, !(allowed & kFraction)));
  if (allowed & kBoolean) choices.push_back(json_.boolean());
  if (allowed & kNull) choices.push_back(json_.null());
  return rules_.choice(std::move(choices));
}

unsigned SchemaCompiler::types(const Conjunction& plain) const {
  unsigned types = kAnyType;
  for (const SchemaPlace& place : plain) types &= types_of(place);
  return types;
}

unsigned SchemaCompiler::types_of(const SchemaPlace& place) {
  static constexpr std::pair<const char*, unsigned> kNames[] = {
      {"null", kNull},     {"boolean", kBoolean}, {"integer", kInteger}, {"number", kNumber},
      {"string", kString}, {"array", kArray},     {"object", kObject}};
  const Json* type = find_keyword(place, "type");
  if (!type) return kAnyType;
  unsigned types = find_flag(place, "nullable") ? kNull : 0u;
  const auto add = [&](const Json& name) {
    const auto known = std::ranges::find_if(kNames, [&](const auto& row) { return name == row.first; });
    if (known == std::end(kNames)) {
      fail_schema(place, "type",
                  "it must be one or several of null, boolean, integer, number, string, array and object");
    }
    types |= known->second;
  };
  if (type->is_array()) {
    std::ranges::for_each(*type, add);
  } else {
    add(*type);
  }
  return types;
}

unsigned SchemaCompiler::type_of(const Json& value) {
  switch (value.type()) {
    case Json::value_t::null: return kNull;
    case Json::value_t::boolean: return kBoolean;
    case Json::value_t::string: return kString;
    case Json::value_t::array: return kArray;
    case Json::value_t::object: return kObject;
    case Json::value_t::number_float: {
      const Decimal decimal = Decimal::of(value);
      return decimal.fraction.empty() ? kInteger : kFraction;
    }
    default: return kInteger;
  }
}

// The values that every `enum` and `const` has; nothing where there is neither.
std::optional<std::vector<Json>> SchemaCompiler::enumerated(const Conjunction& plain) const {
  std::optional<std::vector<Json>> values;
  const auto restrict_to = [&](const auto& list) {
    if (!values) {
      values.emplace(list.begin(), list.end());
    } else {
      std::erase_if(*values, [&](const Json& value) { return std::ranges::find(list, value) == list.end(); });
    }
  };
  for (const SchemaPlace& place : plain) {
    if (const Json* one = find_keyword(place, "const")) restrict_to(std::vector<Json>{*one});
    const Json* several = find_keyword(place, "enum");
    if (!several) continue;
    if (!several->is_array()) fail_schema(place, "enum", "it must be an array of values");
    if (several->size() > grammar_limits::kChoices) {
      fail_schema(place, "enum", fmt::format("{} values; the limit is {}", several->size(), grammar_limits::kChoices));
    }
    restrict_to(*several);
  }
  return values;
}

ExpressionId SchemaCompiler::constants(const Conjunction& plain, const std::vector<Json>& values) {
  static constexpr const char* kOthers[] = {"minimum",    "maximum",       "exclusiveMinimum",  "exclusiveMaximum",
                                            "multipleOf", "properties",    "patternProperties", "additionalProperties",
                                            "required",   "propertyNames", "minProperties",     "maxProperties",
                                            "items",      "prefixItems",   "additionalItems",   "minItems",
                                            "maxItems"};
  for (const SchemaPlace& place : plain) {
    for (const char* keyword : kOthers) {
      if (find_keyword(place, keyword)) {
        fail_schema(place, keyword, fmt::format("'{}' beside enum or const is not supported", keyword));
      }
    }
  }
  const unsigned allowed = types(plain);
  const auto texts = string_texts(plain);
  std::vector<std::string> strings;
  std::vector<ExpressionId> choices;
  for (const Json& value : values) {
    if (!(type_of(value) & allowed)) continue;
    if (value.is_string()) {
      if (!texts || texts->accepts(value.get<std::string>())) strings.push_back(value.get<std::string>());
    } else {
      choices.push_back(json_.constant(value));
    }
  }
  if (strings.size() == 1) choices.push_back(json_.constant(strings[0]));
  if (strings.size() > 1) choices.push_back(json_.string_of(rules_.one_of(strings)));
  return rules_.choice(std::move(choices));
}

ExpressionId SchemaCompiler::number(const Conjunction& plain, bool whole) {
  NumberBounds bounds;
  const auto find_bound = [](const SchemaPlace& place, const char* keyword) -> const Json* {
    const Json* value = find_keyword(place, keyword);
    if (value && !value->is_number()) fail_schema(place, keyword, "it must be a number");
    return value;
  };
  // The fourth draft has a flag where later ones have a number.
  const auto exclusive = [](const SchemaPlace& place, const char* keyword) -> const Json* {
    const Json* value = find_keyword(place, keyword);
    return value && value->is_boolean() ? value : nullptr;
  };
  for (const SchemaPlace& place : plain) {
    const Json *above = exclusive(place, "exclusiveMinimum"), *below = exclusive(place, "exclusiveMaximum");
    if (const Json* v = find_bound(place, "minimum"))
      bounds.raise_least({Decimal::of(*v), above && above->get<bool>()});
    if (const Json* v = find_bound(place, "maximum")) bounds.lower_most({Decimal::of(*v), below && below->get<bool>()});
    if (!above) {
      if (const Json* v = find_bound(place, "exclusiveMinimum")) bounds.raise_least({Decimal::of(*v), true});
    }
    if (!below) {
      if (const Json* v = find_bound(place, "exclusiveMaximum")) bounds.lower_most({Decimal::of(*v), true});
    }
    if (const Json* v = find_bound(place, "multipleOf")) {
      const Decimal unit = Decimal::of(*v);
      if (unit.negative || unit.is_zero()) fail_schema(place, "multipleOf", "it must be above 0");
      bounds.multiples.push_back(unit);
    }
  }
  if (!bounds.any()) return whole ? json_.integer() : json_.number();
  try {
    return add_number(rules_, bounds, whole);
  } catch (const Error& e) {
    fail_schema(plain.front(), "", e.message());
  }
}

}  // namespace loam
