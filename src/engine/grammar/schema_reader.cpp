#include "engine/grammar/schema_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/error.h"
#include "base/utf8.h"
#include "engine/grammar/limits.h"

namespace loam {
namespace {

// Keywords that restrict values in ways that loam does not enforce.
constexpr std::array kRefused = {"not",
                                 "if",
                                 "then",
                                 "else",
                                 "contains",
                                 "minContains",
                                 "maxContains",
                                 "uniqueItems",
                                 "dependencies",
                                 "dependentRequired",
                                 "dependentSchemas",
                                 "unevaluatedItems",
                                 "unevaluatedProperties",
                                 "$dynamicRef",
                                 "$recursiveRef"};

// Counts from here on are alike: no text is so long.
constexpr int64_t kMostCount = INT32_MAX;

std::string escaped(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
  return out;
}

SchemaPlace below(const SchemaPlace& place, std::string_view name, const Json& schema) {
  return {&schema, place.pointer + "/" + escaped(name)};
}

// "%24defs" is "$defs".
std::string percent_decoded(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    int byte = 0;
    if (text[i] == '%' && i + 2 < text.size() &&
        std::from_chars(text.data() + i + 1, text.data() + i + 3, byte, 16).ptr == text.data() + i + 3) {
      out += static_cast<char>(byte);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::optional<int64_t> find_count(const SchemaPlace& place, std::string_view keyword) {
  const Json* value = find_keyword(place, keyword);
  if (!value) return std::nullopt;
  if (value->is_number_unsigned()) return static_cast<int64_t>(std::min<uint64_t>(value->get<uint64_t>(), kMostCount));
  const double number = value->is_number() ? value->get<double>() : -1;
  if (!(number >= 0) || number != std::floor(number))
    fail_schema(place, keyword, "it must be a whole number of at least 0");
  return number < static_cast<double>(kMostCount) ? static_cast<int64_t>(number) : kMostCount;
}

}  // namespace

void check_schema_depth(const Json& root) {
  std::vector<std::pair<const Json*, int>> open{{&root, 0}};
  while (!open.empty()) {
    const auto [json, depth] = open.back();
    open.pop_back();
    if (depth > grammar_limits::kNesting) {
      throw Error(Error::Code::grammar_error,
                  fmt::format("the schema's values stand more than {} deep in each other", grammar_limits::kNesting),
                  "#");
    }
    if (!json->is_structured()) continue;
    for (const Json& item : *json) open.emplace_back(&item, depth + 1);
  }
}

bool is_false(const SchemaPlace& place) { return place.schema->is_boolean() && !place.schema->get<bool>(); }

void fail_schema(const SchemaPlace& place, std::string_view keyword, const std::string& message) {
  const std::string where = keyword.empty() ? place.pointer : place.pointer + "/" + escaped(keyword);
  throw Error(Error::Code::grammar_error, "JSON schema: " + message, escape_control(where));
}

const Json* find_keyword(const SchemaPlace& place, std::string_view keyword) {
  const auto at = place.schema->find(std::string(keyword));
  return at == place.schema->end() ? nullptr : &*at;
}

std::optional<SchemaPlace> find_schema(const SchemaPlace& place, std::string_view keyword) {
  const Json* value = find_keyword(place, keyword);
  if (!value) return std::nullopt;
  return below(place, keyword, *value);
}

std::vector<SchemaPlace> find_schemas(const SchemaPlace& place, std::string_view keyword) {
  const Json* value = find_keyword(place, keyword);
  if (!value) return {};
  if (!value->is_array()) fail_schema(place, keyword, "it must be an array of schemas");
  const SchemaPlace list = below(place, keyword, *value);
  std::vector<SchemaPlace> schemas;
  for (size_t i = 0; i < value->size(); ++i) schemas.push_back(below(list, std::to_string(i), (*value)[i]));
  return schemas;
}

std::vector<std::pair<std::string, SchemaPlace>> find_named_schemas(const SchemaPlace& place,
                                                                    std::string_view keyword) {
  const Json* value = find_keyword(place, keyword);
  if (!value) return {};
  if (!value->is_object()) fail_schema(place, keyword, "it must be an object of schemas");
  const SchemaPlace list = below(place, keyword, *value);
  std::vector<std::pair<std::string, SchemaPlace>> schemas;
  for (const auto& [name, schema] : value->items()) schemas.emplace_back(name, below(list, name, schema));
  return schemas;
}

std::optional<std::string> find_string(const SchemaPlace& place, std::string_view keyword) {
  const Json* value = find_keyword(place, keyword);
  if (!value) return std::nullopt;
  if (!value->is_string()) fail_schema(place, keyword, "it must be a string");
  return value->get<std::string>();
}

std::vector<std::string> find_strings(const SchemaPlace& place, std::string_view keyword) {
  const Json* value = find_keyword(place, keyword);
  if (!value) return {};
  const auto is_string = [](const Json& item) { return item.is_string(); };
  if (!value->is_array() || !std::ranges::all_of(*value, is_string)) {
    fail_schema(place, keyword, "it must be an array of strings");
  }
  return value->get<std::vector<std::string>>();
}

bool find_flag(const SchemaPlace& place, std::string_view keyword) {
  const Json* value = find_keyword(place, keyword);
  if (value && !value->is_boolean()) fail_schema(place, keyword, "it must be true or false");
  return value && value->get<bool>();
}

std::optional<int64_t> find_least(const SchemaPlace& place, std::string_view keyword) {
  const auto count = find_count(place, keyword);
  if (count && *count > grammar_limits::kRepetition) {
    fail_schema(place, keyword,
                fmt::format("at least {} is too many; the limit is {}", find_keyword(place, keyword)->dump(),
                            grammar_limits::kRepetition));
  }
  return count;
}

std::optional<int64_t> find_most(const SchemaPlace& place, std::string_view keyword) {
  const auto count = find_count(place, keyword);
  return count && *count == kMostCount ? std::nullopt : count;
}

SchemaReader::SchemaReader(const Json& root) : root_(&root) { check_schema_depth(root); }

std::vector<Conjunction> SchemaReader::alternatives(const Conjunction& conjunction) {
  Expansion expansion;
  for (const SchemaPlace& place : conjunction) expansion.steps.push_back({place, -1});
  std::vector<Conjunction> out;
  expand(std::move(expansion), out);
  return out;
}

void SchemaReader::expand(Expansion expansion, std::vector<Conjunction>& out) {
  work_ += expansion.steps.size();
  if (expansion.steps.size() > grammar_limits::kConjunction || work_ > grammar_limits::kSchemaWork) {
    fail_schema(expansion.steps.front().place, "", "too many schemas in anyOf, oneOf, allOf and $ref of each other");
  }
  while (expansion.next < expansion.steps.size()) {
    if (!follow(expansion)) return;
  }
  if (expansion.choices.empty()) {
    if (out.size() >= grammar_limits::kAlternatives) {
      fail_schema(expansion.steps.front().place, "",
                  fmt::format("more than {} alternatives, with those of anyOf in allOf multiplied out",
                              grammar_limits::kAlternatives));
    }
    Conjunction plain;
    for (const Step& step : expansion.steps) {
      const auto is_same = [&](const SchemaPlace& place) { return place.schema == step.place.schema; };
      if (step.place.schema->is_object() && std::ranges::none_of(plain, is_same)) plain.push_back(step.place);
    }
    out.push_back(std::move(plain));
    return;
  }
  const auto [choices, from] = std::move(expansion.choices.back());
  expansion.choices.pop_back();
  for (const SchemaPlace& choice : choices) {
    check_loop(expansion, choice, from);
    Expansion chosen = expansion;
    chosen.steps.push_back({choice, from});
    expand(std::move(chosen), out);
  }
}

// Takes the next step; false where no value satisfies it.
bool SchemaReader::follow(Expansion& expansion) {
  const auto from = static_cast<int>(expansion.next++);
  ++work_;
  const SchemaPlace place = expansion.steps[static_cast<size_t>(from)].place;
  if (place.schema->is_boolean()) return place.schema->get<bool>();
  if (!place.schema->is_object()) fail_schema(place, "", "a schema must be an object, true or false");
  check_keywords(place);
  std::vector<SchemaPlace> all = find_schemas(place, "allOf");
  if (const auto reference = find_string(place, "$ref")) all.push_back(resolve(place, *reference));
  for (const SchemaPlace& next : all) {
    check_loop(expansion, next, from);
    expansion.steps.push_back({next, from});
  }
  for (const char* keyword : {"oneOf", "anyOf"}) {
    if (find_keyword(place, keyword)) expansion.choices.emplace_back(find_schemas(place, keyword), from);
  }
  return true;
}

void SchemaReader::check_loop(const Expansion& expansion, const SchemaPlace& place, int from) const {
  for (; from >= 0; from = expansion.steps[static_cast<size_t>(from)].from) {
    if (expansion.steps[static_cast<size_t>(from)].place.schema != place.schema) continue;
    fail_schema(place, "", "it refers to itself with no property or item between, so it says nothing");
  }
}

void SchemaReader::check_keywords(const SchemaPlace& place) {
  if (!checked_.insert(place.schema).second) return;
  for (const char* keyword : kRefused) {
    const Json* value = find_keyword(place, keyword);
    if (!value || (value->is_boolean() && !value->get<bool>() && keyword == std::string_view("uniqueItems"))) continue;
    fail_schema(place, keyword, fmt::format("the keyword '{}' is not supported", keyword));
  }
}

SchemaPlace SchemaReader::resolve(const SchemaPlace& place, const std::string& reference) const {
  if (!reference.starts_with('#')) {
    fail_schema(place, "$ref", "only references within the schema ('#', '#/…') are followed, nothing is fetched");
  }
  try {
    const Json::json_pointer pointer(percent_decoded(reference.substr(1)));
    if (root_->contains(pointer)) return {&root_->at(pointer), "#" + pointer.to_string()};
  } catch (const nlohmann::json::exception&) {  // no pointer; said below
  }
  fail_schema(place, "$ref", fmt::format("'{}' names no place in the schema", escape_control(reference)));
}

}  // namespace loam
