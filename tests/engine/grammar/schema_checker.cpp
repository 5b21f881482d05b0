#include "tests/engine/grammar/schema_checker.h"

#include <algorithm>
#include <cmath>
#include <functional>

#include "base/utf8.h"

namespace loam::test {
namespace {

bool all_of(std::string_view text, const std::function<bool(char)>& holds) { return std::ranges::all_of(text, holds); }
bool is_lower(char c) { return 'a' <= c && c <= 'z'; }
bool is_digit(char c) { return '0' <= c && c <= '9'; }

// Patterns with a test of their own, and texts that match.
struct Pattern {
  const char* pattern;
  bool (*matches)(const std::string&);
  std::vector<const char*> examples;
};

const std::vector<Pattern>& patterns() {
  static const std::vector<Pattern> kPatterns = {
      {"^[a-z]{2,4}$",
       [](const std::string& s) { return s.size() >= 2 && s.size() <= 4 && all_of(s, is_lower); },
       {"ab", "wxyz"}},
      {"[0-9]+", [](const std::string& s) { return std::ranges::any_of(s, is_digit); }, {"1", "a22\"b", "\n7é"}},
      {"^x|y$", [](const std::string& s) { return s.starts_with('x') || s.ends_with('y'); }, {"x", "y", "x\\y", "éy"}},
      {"^(true|false)$", [](const std::string& s) { return s == "true" || s == "false"; }, {"true", "false"}},
      {"^[A-Z]{3}-\\d{4}$",
       [](const std::string& s) {
         return s.size() == 8 && s[3] == '-' && all_of(s.substr(0, 3), [](char c) { return 'A' <= c && c <= 'Z'; }) &&
                all_of(s.substr(4), is_digit);
       },
       {"ABC-0123"}},
  };
  return kPatterns;
}

bool is_date(const std::string& s) {
  if (s.size() != 10 || s[4] != '-' || s[7] != '-') return false;
  for (const size_t i : {0, 1, 2, 3, 5, 6, 8, 9}) {
    if (!is_digit(s[i])) return false;
  }
  const int year = std::stoi(s.substr(0, 4)), month = std::stoi(s.substr(5, 2)), day = std::stoi(s.substr(8, 2));
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  const int days[] = {31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return year > 0 && month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1];
}

bool is_whole(const Json& value) {
  return value.is_number() && (!value.is_number_float() || value.get<double>() == std::floor(value.get<double>()));
}

bool has_type(const Json& value, const std::string& type) {
  if (type == "integer") return is_whole(value);
  if (type == "number") return value.is_number();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_boolean();
  if (type == "null") return value.is_null();
  return type == "array" ? value.is_array() : value.is_object();
}

const Json& resolved(const Json& schema, const Json& root) {
  return root.at(Json::json_pointer(schema.at("$ref").get<std::string>().substr(1)));
}

bool check_number(const Json& schema, double v) {
  if (schema.contains("minimum") && v < schema["minimum"].get<double>()) return false;
  if (schema.contains("maximum") && v > schema["maximum"].get<double>()) return false;
  if (schema.contains("exclusiveMinimum") && v <= schema["exclusiveMinimum"].get<double>()) return false;
  if (schema.contains("exclusiveMaximum") && v >= schema["exclusiveMaximum"].get<double>()) return false;
  if (!schema.contains("multipleOf")) return true;
  const double times = v / schema["multipleOf"].get<double>();
  return std::abs(times - std::round(times)) < 1e-6 * std::max(1.0, std::abs(times));
}

bool check_string(const Json& schema, const std::string& s) {
  const auto length = count_code_points(s);
  if (schema.contains("minLength") && length < schema["minLength"].get<size_t>()) return false;
  if (schema.contains("maxLength") && length > schema["maxLength"].get<size_t>()) return false;
  if (schema.contains("format") && !is_date(s)) return false;
  if (!schema.contains("pattern")) return true;
  for (const Pattern& pattern : patterns()) {
    if (schema["pattern"] == pattern.pattern) return pattern.matches(s);
  }
  return false;
}

bool check_array(const Json& schema, const Json& root, const Json& value) {
  if (schema.contains("minItems") && value.size() < schema["minItems"].get<size_t>()) return false;
  if (schema.contains("maxItems") && value.size() > schema["maxItems"].get<size_t>()) return false;
  const size_t n_first = schema.contains("prefixItems") ? schema["prefixItems"].size() : 0;
  for (size_t i = 0; i < value.size(); ++i) {
    if (i < n_first && !satisfies(schema["prefixItems"][i], root, value[i])) return false;
    if (i >= n_first && schema.contains("items") && !satisfies(schema["items"], root, value[i])) return false;
  }
  return true;
}

bool check_object(const Json& schema, const Json& root, const Json& value) {
  for (const Json& name : schema.value("required", Json::array())) {
    if (!value.contains(name.get<std::string>())) return false;
  }
  const Json properties = schema.value("properties", Json::object());
  for (const auto& [name, member] : value.items()) {
    if (properties.contains(name)) {
      if (!satisfies(properties[name], root, member)) return false;
    } else if (schema.contains("additionalProperties") && !satisfies(schema["additionalProperties"], root, member)) {
      return false;
    }
  }
  return true;
}

}  // namespace

bool satisfies(const Json& schema, const Json& root, const Json& value) {
  if (schema.is_boolean()) return schema.get<bool>();
  const auto holds = [&](const Json& other) { return satisfies(other, root, value); };
  if (schema.contains("$ref") && !holds(resolved(schema, root))) return false;
  if (schema.contains("anyOf") && std::ranges::none_of(schema["anyOf"], holds)) return false;
  if (schema.contains("allOf") && !std::ranges::all_of(schema["allOf"], holds)) return false;
  if (schema.contains("const") && value != schema["const"]) return false;
  if (schema.contains("enum") && std::ranges::find(schema["enum"], value) == schema["enum"].end()) return false;
  if (schema.contains("type")) {
    const Json types = schema["type"].is_array() ? schema["type"] : Json::array({schema["type"]});
    if (std::ranges::none_of(types, [&](const Json& type) { return has_type(value, type.get<std::string>()); }))
      return false;
  }
  if (value.is_number()) return check_number(schema, value.get<double>());
  if (value.is_string()) return check_string(schema, value.get<std::string>());
  if (value.is_array()) return check_array(schema, root, value);
  return !value.is_object() || check_object(schema, root, value);
}

int Random::below(int n) {
  state_ = state_ * 6364136223846793005u + 1442695040888963407u;
  return static_cast<int>((state_ >> 33) % static_cast<uint64_t>(n));
}

namespace {

constexpr const char* kNames[] = {"a", "ab", "name", "id", "é\"", "x/y~", "long_property_name", ""};
constexpr const char* kStrings[] = {"", "a", "ab\"c\\", "漢字", "😀\n", "name", "A longer text, with spaces.", "\t\x01"};

Json random_string_schema(Random& random) {
  Json schema = {{"type", "string"}};
  switch (random.below(6)) {
    case 0: schema["minLength"] = random.below(4); break;
    case 1: schema["maxLength"] = 2 + random.below(120); break;
    case 2:
      schema["minLength"] = random.below(40);
      schema["maxLength"] = 40 + random.below(60);
      break;
    case 3:
      schema["pattern"] = patterns()[static_cast<size_t>(random.below(static_cast<int>(patterns().size())))].pattern;
      break;
    case 4: schema["format"] = "date"; break;
    default: break;
  }
  return schema;
}

Json random_number_schema(Random& random) {
  const bool whole = random.one_in(2);
  Json schema = {{"type", whole ? "integer" : "number"}};
  const int low = random.below(2000) - 1000;
  if (random.one_in(2))
    schema[random.one_in(3) ? "exclusiveMinimum" : "minimum"] = random.one_in(3) ? Json(low + 0.25) : Json(low);
  if (random.one_in(2))
    schema[random.one_in(3) ? "exclusiveMaximum" : "maximum"] = random.one_in(3) ? Json(low + 40.75) : Json(low + 40);
  if (random.one_in(4)) schema["multipleOf"] = whole ? Json(1 + random.below(9)) : Json(0.25);
  return schema;
}

Json random_schema(Random& random, int depth);

Json random_object_schema(Random& random, int depth) {
  Json schema = {{"type", "object"}, {"properties", Json::object()}, {"required", Json::array()}};
  for (const char* name : kNames) {
    if (!random.one_in(3)) continue;
    schema["properties"][name] = random_schema(random, depth + 1);
    if (random.one_in(2)) schema["required"].push_back(name);
  }
  if (random.one_in(3))
    schema["additionalProperties"] = random.one_in(2) ? Json(false) : random_schema(random, depth + 1);
  return schema;
}

Json random_array_schema(Random& random, int depth) {
  Json schema = {{"type", "array"}, {"items", random_schema(random, depth + 1)}};
  if (random.one_in(3)) schema["prefixItems"] = {random_schema(random, depth + 1), random_schema(random, depth + 1)};
  if (random.one_in(3)) schema["minItems"] = random.below(3);
  if (random.one_in(3)) schema["maxItems"] = 2 + random.below(3);
  return schema;
}

Json random_schema(Random& random, int depth) {
  switch (random.below(depth < 3 ? 13 : 7)) {
    case 0: return {{"type", "boolean"}};
    case 1: return {{"enum", {"red", 3, nullptr, "é\"", {{"k", {1, 2}}}, 1.5}}};
    case 2: return {{"const", kStrings[random.below(std::size(kStrings))]}};
    case 3: return {{"type", {"string", "null", "integer"}}};
    case 4: return random_number_schema(random);
    case 5:
    case 6: return random_string_schema(random);
    case 7:
    case 8: return random_object_schema(random, depth);
    case 9: return random_array_schema(random, depth);
    case 10:
      return {
          {"anyOf", {random_schema(random, depth + 1), random_object_schema(random, depth + 1), {{"type", "null"}}}}};
    case 11: return {{"$ref", "#/$defs/node"}};
    default:
      return {{"allOf", {random_object_schema(random, depth + 1), {{"type", {"object", "null"}}}}},
              {"description", "both"}};
  }
}

std::string random_string(const Json& schema, Random& random) {
  if (schema.contains("format")) return random.one_in(2) ? "2024-02-29" : "1999-12-31";
  for (const Pattern& pattern : patterns()) {
    if (schema.contains("pattern") && schema["pattern"] == pattern.pattern) {
      return pattern.examples[static_cast<size_t>(random.below(static_cast<int>(pattern.examples.size())))];
    }
  }
  std::string text = kStrings[random.below(std::size(kStrings))];
  const size_t min = schema.value("minLength", size_t{0}), max = schema.value("maxLength", size_t{1000});
  while (count_code_points(text) < min) text += random.one_in(2) ? "é" : "z";
  while (count_code_points(text) > max) text.pop_back();
  return is_valid_utf8(text) ? text : std::string(min, 'q');
}

Json random_number(const Json& schema, Random& random) {
  const bool whole = schema.contains("type") && schema["type"] == "integer";
  for (int i = 0; i < 10'000; ++i) {
    const int hundredths = random.below(220'000) - 110'000;
    const Json value = whole ? Json(hundredths / 100) : Json(hundredths / 100.0);
    if (check_number(schema, value.get<double>())) return value;
  }
  return nullptr;  // nothing satisfies the schema
}

}  // namespace

Json random_schema(Random& random) {
  Json schema = random_schema(random, 0);
  schema["$defs"] = {{"node",
                      {{"type", "object"},
                       {"properties",
                        {{"value", random_schema(random, 2)},
                         {"next", {{"anyOf", {{{"$ref", "#/$defs/node"}}, {{"type", "null"}}}}}}}},
                       {"required", {"value", "next"}}}}};
  return schema;
}

Json random_value(const Json& schema, const Json& root, Random& random, int depth) {
  if (depth > 40) return nullptr;  // a definition that needs itself
  if (schema.contains("$ref")) return random_value(resolved(schema, root), root, random, depth + 1);
  if (schema.contains("allOf")) return random_value(schema["allOf"][0], root, random, depth + 1);
  if (schema.contains("anyOf")) {
    const Json& choices = schema["anyOf"];  // the last is null: deep values end there
    const auto last = static_cast<int>(choices.size()) - 1;
    return random_value(choices[static_cast<size_t>(depth > 4 ? last : random.below(last + 1))], root, random,
                        depth + 1);
  }
  if (schema.contains("const")) return schema["const"];
  if (schema.contains("enum"))
    return schema["enum"][static_cast<size_t>(random.below(static_cast<int>(schema["enum"].size())))];
  if (schema["type"].is_array())
    return random.one_in(3)   ? Json(nullptr)
           : random.one_in(2) ? Json(random.below(100))
                              : Json(random_string(schema, random));
  const auto type = schema["type"].get<std::string>();
  if (type == "boolean") return random.one_in(2);
  if (type == "null") return nullptr;
  if (type == "string") return random_string(schema, random);
  if (type == "integer" || type == "number") return random_number(schema, random);
  if (type == "array") {
    Json value = Json::array();
    const size_t n_first = schema.contains("prefixItems") ? 2 : 0;
    const size_t min = schema.value("minItems", size_t{0}),
                 max = std::min<size_t>(schema.value("maxItems", 3), depth > 4 ? min : 3);
    for (size_t i = 0, n = min + static_cast<size_t>(random.below(static_cast<int>(std::max(max, min) - min) + 1));
         i < n; ++i) {
      value.push_back(random_value(i < n_first ? schema["prefixItems"][i] : schema["items"], root, random, depth + 1));
    }
    return value;
  }
  Json value = Json::object();
  const Json required = schema.value("required", Json::array());
  for (const auto& [name, property] : schema["properties"].items()) {
    const bool needed = std::find(required.begin(), required.end(), Json(name)) != required.end();
    if (needed || (depth < 5 && random.one_in(2))) value[name] = random_value(property, root, random, depth + 1);
  }
  const Json others = schema.value("additionalProperties", Json(false));
  if (others.is_object() && depth < 4) value["another\n"] = random_value(others, root, random, depth + 1);
  return value;
}

namespace {

void write_spaced(const Json& value, std::string& out) {
  if (!value.is_structured()) {
    out += value.dump();
    return;
  }
  out += value.is_object() ? "{" : "[";
  bool first = true;
  for (const auto& [name, item] : value.items()) {
    if (!std::exchange(first, false)) out += ", ";
    if (value.is_object()) out += Json(name).dump() + ": ";
    write_spaced(item, out);
  }
  out += value.is_object() ? "}" : "]";
}

}  // namespace

std::string written(const Json& value, Random& random) {
  const int style = random.below(3);
  if (style < 2) return value.dump(style == 0 ? -1 : 2);
  std::string out;
  write_spaced(value, out);
  return out;
}

}  // namespace loam::test
