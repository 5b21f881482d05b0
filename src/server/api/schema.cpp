#include "server/api/schema.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"

namespace loam {
namespace schema {

Json any() { return Json::object(); }
Json boolean() { return {{"type", "boolean"}}; }
Json number(double min, double max) { return {{"type", "number"}, {"minimum", min}, {"maximum", max}}; }
Json integer(int64_t min, int64_t max) { return {{"type", "integer"}, {"minimum", min}, {"maximum", max}}; }
Json object() { return {{"type", "object"}}; }

Json string(size_t max_bytes) {
  Json fragment = {{"type", "string"}};
  if (max_bytes > 0) fragment["maxLength"] = max_bytes;
  return fragment;
}

Json one_of(std::initializer_list<const char*> words) {
  Json fragment = {{"type", "string"}, {"enum", Json::array()}};
  for (const char* word : words) fragment["enum"].push_back(word);
  return fragment;
}

Json array(Json items, size_t max_items, size_t min_items) {
  return {{"type", "array"}, {"items", std::move(items)}, {"minItems", min_items}, {"maxItems", max_items}};
}

Json either(std::initializer_list<Json> kinds) {
  Json fragment = {{"anyOf", Json::array()}};
  for (const Json& kind : kinds) fragment["anyOf"].push_back(kind);
  return fragment;
}

}  // namespace schema

namespace {

constexpr double kLargestExact = 9007199254740992.0;  // 2⁵³

bool is_integer(const Json& value) {
  if (value.is_number_unsigned()) return value.get<uint64_t>() <= INT64_MAX;
  if (value.is_number_integer()) return true;
  if (!value.is_number_float()) return false;
  const double x = value.get<double>();
  return std::floor(x) == x && std::abs(x) <= kLargestExact;
}

bool is_of_type(const Json& value, const std::string& type) {
  if (type == "integer") return is_integer(value);
  if (type == "number") return value.is_number() && std::isfinite(value.get<double>());
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_boolean();
  if (type == "array") return value.is_array();
  return value.is_object();
}

std::string expectation(const Json& schema);

std::string joined(const Json& parts, std::string (*text)(const Json&)) {
  std::string all;
  for (const Json& part : parts) all += fmt::format("{}{}", all.empty() ? "" : " or ", text(part));
  return all;
}

std::string size_range(const Json& schema) {
  const auto least = schema.value("minItems", size_t{0}), most = schema.value("maxItems", size_t{0});
  return least > 0 ? fmt::format("{} to {} elements", least, most) : fmt::format("at most {} elements", most);
}

// "an integer from 0 to 20", in words.
std::string expectation(const Json& schema) {
  if (schema.contains("anyOf")) return joined(schema["anyOf"], expectation);
  if (schema.contains("enum")) return joined(schema["enum"], [](const Json& word) { return word.dump(); });
  const auto type = schema.value("type", std::string("anything"));
  const char* article = type == "integer" || type == "array" || type == "object" ? "an" : "a";
  if (schema.contains("minimum"))
    return fmt::format("{} {} from {} to {}", article, type, schema["minimum"].dump(), schema["maximum"].dump());
  if (schema.contains("maxItems")) return fmt::format("an array of {}", size_range(schema));
  if (schema.contains("maxLength")) return fmt::format("a string of at most {} bytes", schema["maxLength"].dump());
  return fmt::format("{} {}", article, type);
}

bool in_range(const Json& value, const Json& schema) {
  if (schema.contains("minimum")) {
    const auto x = value.get<double>();
    return x >= schema["minimum"].get<double>() && x <= schema["maximum"].get<double>();
  }
  if (schema.contains("maxItems"))
    return value.size() >= schema["minItems"].get<size_t>() && value.size() <= schema["maxItems"].get<size_t>();
  if (schema.contains("maxLength"))
    return value.get_ref<const std::string&>().size() <= schema["maxLength"].get<size_t>();
  if (!schema.contains("enum")) return true;
  for (const Json& word : schema["enum"])
    if (word == value) return true;
  return false;
}

[[noreturn]] void refuse(const Json& value, const Json& schema, const std::string& name) {
  const std::string found =
      value.is_array() ? fmt::format("has {} elements", value.size()) : fmt::format("is {}", shown(value));
  throw Error(Error::Code::invalid, fmt::format("{} {}; expected {}", name, found, expectation(schema)), name);
}

bool fits_one(const Json& value, const Json& kinds, const std::string& name) {
  for (const Json& kind : kinds) {
    if (kind.contains("type") && !is_of_type(value, kind["type"].get_ref<const std::string&>())) continue;
    if (kind.contains("enum") && !in_range(value, kind)) continue;
    check_value(value, kind, name);  // the kind that it means to be says best what is wrong with it
    return true;
  }
  return false;
}

}  // namespace

void check_value(const Json& value, const Json& schema, const std::string& name) {
  if (schema.contains("anyOf")) {
    if (!fits_one(value, schema["anyOf"], name)) refuse(value, schema, name);
    return;
  }
  if (!schema.contains("type")) return;
  if (!is_of_type(value, schema["type"].get_ref<const std::string&>()) || !in_range(value, schema))
    refuse(value, schema, name);
  if (!schema.contains("items")) return;
  for (size_t i = 0; i < value.size(); ++i) check_value(value[i], schema["items"], fmt::format("{}[{}]", name, i));
}

const Json& member(const Json& object, const char* name, const Json& schema, const std::string& where) {
  const auto found = object.find(name);
  const std::string place = where + "." + name;
  if (found == object.end()) throw Error(Error::Code::invalid, place + " is missing", place);
  check_value(*found, schema, place);
  return *found;
}

int64_t to_integer(const Json& value) {
  return value.is_number_float() ? static_cast<int64_t>(value.get<double>()) : value.get<int64_t>();
}

std::string shown(const Json& value) {
  constexpr size_t kMost = 60;
  if (value.is_structured()) return value.is_array() ? "an array" : "an object";
  std::string text = value.dump(-1, ' ', true, Json::error_handler_t::replace);
  if (text.size() > kMost) text = text.substr(0, kMost) + "…";
  return text;
}

}  // namespace loam
