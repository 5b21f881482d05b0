#include "file/metadata.h"

#include <fmt/format.h>

#include <charconv>

#include "base/error.h"
#include "base/utf8.h"

namespace loam {
namespace {

std::string_view type_name(MetaType type) {
  constexpr std::string_view kNames[] = {"uint8",   "int8", "uint16", "int16",  "uint32", "int32",  "float32",
                                         "boolean", "text", "array",  "uint64", "int64",  "float64"};
  return kNames[static_cast<uint32_t>(type)];
}

std::string describe(const MetaValue& value) {
  const auto* array = std::get_if<MetaArray>(&value.value);
  return array ? fmt::format("an array of {}", type_name(array->type)) : std::string(type_name(value.type));
}

[[noreturn]] void fail(const char* field, uint64_t offset, std::string message) {
  throw Error(Error::Code::model_invalid, std::move(message), fmt::format("{}@{}", field, offset));
}

[[noreturn]] void wrong_type(std::string_view key, const MetaValue& value, const char* wanted) {
  fail("type", value.offset, fmt::format("{} is {}, not {}", escape_control(key), describe(value), wanted));
}

[[noreturn]] void missing(std::string_view key) {
  fail("key", 0, fmt::format("the file's metadata lacks {}", escape_control(key)));
}

template <class T>
const T* find_array(const Metadata& metadata, std::string_view key, const char* wanted) {
  const MetaValue* found = metadata.find(key);
  if (!found) return nullptr;
  const auto* array = std::get_if<MetaArray>(&found->value);
  const T* items = array ? std::get_if<T>(&array->items) : nullptr;
  if (!items) wrong_type(key, *found, wanted);
  return items;
}

// The whole text as a number; false where it is something else or too large.
template <class T>
bool parse_number(std::string_view text, T& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

size_t MetaArray::size() const {
  return std::visit([](const auto& values) { return values.size(); }, items);
}

const MetaValue* Metadata::find(std::string_view key) const {
  const auto found = entries_.find(key);
  return found == entries_.end() ? nullptr : &found->second;
}

std::optional<int64_t> Metadata::integer(std::string_view key, int64_t min, int64_t max) const {
  const MetaValue* found = find(key);
  if (!found) return std::nullopt;
  const auto* narrow = std::get_if<int64_t>(&found->value);
  const auto* wide = std::get_if<uint64_t>(&found->value);
  if (!narrow && !wide) wrong_type(key, *found, "an integer");
  const bool too_large = wide && *wide > uint64_t{INT64_MAX};
  const int64_t value = narrow ? *narrow : static_cast<int64_t>(*wide);
  if (too_large || value < min || value > max) {
    fail("hparam", found->offset,
         fmt::format("{} is {}, outside of {} to {}", escape_control(key),
                     narrow ? std::to_string(*narrow) : std::to_string(*wide), min, max));
  }
  return value;
}

std::optional<double> Metadata::number(std::string_view key) const {
  const MetaValue* found = find(key);
  if (!found) return std::nullopt;
  if (const auto* real = std::get_if<double>(&found->value)) return *real;
  if (const auto* narrow = std::get_if<int64_t>(&found->value)) return static_cast<double>(*narrow);
  if (const auto* wide = std::get_if<uint64_t>(&found->value)) return static_cast<double>(*wide);
  wrong_type(key, *found, "a number");
}

std::optional<bool> Metadata::boolean(std::string_view key) const {
  const MetaValue* found = find(key);
  if (!found) return std::nullopt;
  if (const auto* value = std::get_if<bool>(&found->value)) return *value;
  wrong_type(key, *found, "a boolean");
}

std::optional<std::string_view> Metadata::string(std::string_view key) const {
  const MetaValue* found = find(key);
  if (!found) return std::nullopt;
  if (const auto* value = std::get_if<std::string_view>(&found->value)) return *value;
  wrong_type(key, *found, "text");
}

const std::vector<std::string_view>* Metadata::strings(std::string_view key) const {
  return find_array<std::vector<std::string_view>>(*this, key, "an array of text");
}

const std::vector<int64_t>* Metadata::integers(std::string_view key) const {
  return find_array<std::vector<int64_t>>(*this, key, "an array of integers");
}

const std::vector<double>* Metadata::numbers(std::string_view key) const {
  return find_array<std::vector<double>>(*this, key, "an array of floating-point numbers");
}

int64_t Metadata::require_integer(std::string_view key, int64_t min, int64_t max) const {
  if (const auto value = integer(key, min, max)) return *value;
  missing(key);
}

double Metadata::require_number(std::string_view key) const {
  if (const auto value = number(key)) return *value;
  missing(key);
}

std::string_view Metadata::require_string(std::string_view key) const {
  if (const auto value = string(key)) return *value;
  missing(key);
}

void Metadata::apply_override(std::string_view text) {
  const size_t equals = text.find('=');
  const size_t colon = equals == text.npos ? text.npos : text.find(':', equals);
  const auto malformed = [&](std::string_view why) {
    throw Error(Error::Code::invalid,
                fmt::format("override \"{}\": {}; the form is key=type:value with type int, float, bool or str",
                            escape_control(text), why),
                "override-kv");
  };
  if (equals == 0 || colon == text.npos) malformed("no key, type or value");
  const std::string_view type = text.substr(equals + 1, colon - equals - 1), given = text.substr(colon + 1);

  MetaValue value;
  if (type == "int") {
    value.type = MetaType::i64;
    if (!parse_number(given, value.value.emplace<int64_t>())) malformed("not an integer");
  } else if (type == "float") {
    value.type = MetaType::f64;
    if (!parse_number(given, value.value.emplace<double>())) malformed("not a number");
  } else if (type == "bool") {
    value.type = MetaType::boolean;
    if (given != "true" && given != "false") malformed("neither true nor false");
    value.value = given == "true";
  } else if (type == "str") {
    value.type = MetaType::string;
    value.value = std::string_view(*owned_.emplace_back(std::make_shared<std::string>(given)));
  } else {
    malformed("unknown type");
  }
  insert(std::string(text.substr(0, equals)), std::move(value));
}

void Metadata::forget(std::string_view key) {
  if (const auto found = entries_.find(key); found != entries_.end()) entries_.erase(found);
}

void Metadata::insert(std::string key, MetaValue value) { entries_.insert_or_assign(std::move(key), std::move(value)); }

}  // namespace loam
