#include "file/metadata_assign.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

#include "base/error.h"
#include "base/input_file.h"
#include "base/utf8.h"
#include "file/metadata_text.h"

namespace loam {
namespace {

constexpr uint64_t kMaxAssignedFile = uint64_t{64} << 20;

constexpr const char* kForms =
    "the form is key=type:value with type int, float, bool, str, file, one of u8 to f64, or u8[] to string[]";

[[noreturn]] void refuse_assignment(std::string_view text, std::string_view why) {
  throw Error(Error::Code::invalid, fmt::format("\"{}\": {}", shorten(text, 120), why), "set");
}

std::optional<MetaType> find_meta_type(std::string_view name) {
  for (uint32_t i = 0; i <= static_cast<uint32_t>(MetaType::f64); ++i)
    if (const auto type = static_cast<MetaType>(i); type != MetaType::array && meta_type_name(type) == name)
      return type;
  return std::nullopt;
}

struct IntegerRange {
  int64_t least = 1, largest = 0;
  bool holds(int64_t value) const { return value >= least && value <= largest; }
};

template <class T>
constexpr IntegerRange kRangeOf{std::numeric_limits<T>::min(), std::numeric_limits<T>::max()};

// Of the integer types but u64, which has numbers beyond it; empty for others.
IntegerRange range_of(MetaType type) {
  switch (type) {
    case MetaType::u8: return kRangeOf<uint8_t>;
    case MetaType::i8: return kRangeOf<int8_t>;
    case MetaType::u16: return kRangeOf<uint16_t>;
    case MetaType::i16: return kRangeOf<int16_t>;
    case MetaType::u32: return kRangeOf<uint32_t>;
    case MetaType::i32: return kRangeOf<int32_t>;
    case MetaType::i64: return kRangeOf<int64_t>;
    default: return {};
  }
}

bool is_integer(MetaType type) { return type == MetaType::u64 || range_of(type).holds(0); }
bool is_float(MetaType type) { return type == MetaType::f32 || type == MetaType::f64; }

template <class T>
std::optional<T> whole_number(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Reads one assignment against what the key holds already.
class Assignment {
 public:
  Assignment(const Metadata& metadata, std::deque<std::string>& texts, std::string_view text)
      : metadata_(metadata), texts_(texts), text_(text) {
    const size_t equals = text.find('=');
    const size_t colon = equals == text.npos ? text.npos : text.find(':', equals);
    if (equals == 0 || colon == text.npos) refuse(fmt::format("no key, type or value; {}", kForms));
    key_ = text.substr(0, equals);
    type_ = text.substr(equals + 1, colon - equals - 1);
    given_ = text.substr(colon + 1);
    if (key_.size() > 65535 || std::ranges::any_of(key_, [](unsigned char c) { return c < 32 || c == 127; }))
      refuse("a key has at most 65535 bytes and no control characters");
  }

  const std::string& key() const { return key_; }

  MetaValue value() {
    if (type_.ends_with("[]")) return array(type_.substr(0, type_.size() - 2));
    if (type_ == "int") return integer(kept_or(is_integer, "an integer", smallest_for(given_)));
    if (type_ == "float") return real(kept_or(is_float, "a number", MetaType::f32));
    if (type_ == "str" || type_ == "file") {
      kept_or([](MetaType type) { return type == MetaType::string; }, "a text", MetaType::string);
      return text(type_ == "file" ? read_text() : std::string(given_));
    }
    const auto exact = find_meta_type(type_);
    if (!exact) refuse(fmt::format("unknown type {}; {}", shorten(type_, 20), kForms));
    if (type_ == "bool")
      kept_or([](MetaType type) { return type == MetaType::boolean; }, "a boolean", MetaType::boolean);
    if (*exact == MetaType::boolean) return boolean();
    if (*exact == MetaType::string) return text(std::string(given_));
    return is_float(*exact) ? real(*exact) : integer(*exact);
  }

 private:
  [[noreturn]] void refuse(std::string_view why) const { refuse_assignment(text_, why); }

  static MetaType smallest_for(std::string_view text) {
    const auto value = whole_number<int64_t>(text);
    for (const MetaType type : {MetaType::u32, MetaType::i32, MetaType::i64})
      if (value && range_of(type).holds(*value)) return type;
    return MetaType::u64;
  }

  // The type that the key has, where it is of the kind that was asked for.
  MetaType kept_or(bool (*is_kind)(MetaType), const char* kind, MetaType fresh) const {
    const MetaValue* present = metadata_.find(key_);
    if (!present) return fresh;
    if (is_kind(present->type)) return present->type;
    refuse(fmt::format("{} is {}, not {}; name a type of the file, as in {}=u32:1, to replace it", shorten(key_, 60),
                       meta_type_name(present->type), kind, shorten(key_, 60)));
  }

  MetaValue integer(MetaType type) const {
    if (type != MetaType::u64) return {type, 0, 0, as_integer(type, given_)};
    if (const auto value = whole_number<uint64_t>(given_)) return {type, 0, 0, *value};
    refuse("not an integer from 0 to 2^64 - 1");
  }

  int64_t as_integer(MetaType type, std::string_view text) const {
    const IntegerRange range = type == MetaType::u64 ? IntegerRange{0, INT64_MAX} : range_of(type);
    const auto value = whole_number<int64_t>(text);
    if (!value || !range.holds(*value))
      refuse(fmt::format("{} is no integer of {}, {} to {}", shorten(text, 40), meta_type_name(type), range.least,
                         range.largest));
    return *value;
  }

  MetaValue real(MetaType type) const {
    const auto value = whole_number<double>(given_);
    if (!value) refuse("not a number");
    if (type == MetaType::f32 && std::isfinite(*value) && !std::isfinite(static_cast<float>(*value)))
      refuse("beyond the range of f32");
    return {type, 0, 0, *value};
  }

  MetaValue boolean() const {
    if (given_ != "true" && given_ != "false") refuse("neither true nor false");
    return {MetaType::boolean, 0, 0, given_ == "true"};
  }

  std::string_view keep(std::string text) { return texts_.emplace_back(std::move(text)); }

  MetaValue text(std::string value) { return {MetaType::string, 0, 0, keep(std::move(value))}; }

  std::string read_text() const {
    const InputFile file{std::string(given_)};
    if (file.size() > kMaxAssignedFile)
      refuse(fmt::format("{} has {} bytes, more than {}", given_, file.size(), kMaxAssignedFile));
    std::string text(file.size(), '\0');
    file.read(0, std::as_writable_bytes(std::span(text)));
    return text;
  }

  MetaValue array(std::string_view item_type) {
    const auto type = find_meta_type(item_type);
    if (!type) refuse(fmt::format("unknown type {}; {}", shorten(type_, 20), kForms));
    const auto json = nlohmann::json::parse(given_, nullptr, /*allow_exceptions=*/false);
    if (!json.is_array()) refuse("not a JSON array, such as [1, 2] or [\"a\"]");
    MetaArray array{.type = *type, .items = {}};
    if (*type == MetaType::string) {
      auto& items = array.items.emplace<std::vector<std::string_view>>();
      for (const auto& item : json) items.push_back(keep(item.is_string() ? item.get<std::string>() : wrong(item)));
    } else if (is_float(*type)) {
      auto& items = array.items.emplace<std::vector<double>>();
      for (const auto& item : json) items.push_back(item.is_number() ? item.get<double>() : (wrong(item), 0));
    } else {
      auto& items = array.items.emplace<std::vector<int64_t>>();
      for (const auto& item : json) items.push_back(integer_item(*type, item));
    }
    return {MetaType::array, 0, 0, std::move(array)};
  }

  int64_t integer_item(MetaType type, const nlohmann::json& item) const {
    if (type == MetaType::boolean) return item.is_boolean() ? item.get<bool>() : (wrong(item), 0);
    if (!item.is_number_integer()) wrong(item);
    return as_integer(type, item.dump());
  }

  [[noreturn]] std::string wrong(const nlohmann::json& item) const {
    refuse(fmt::format("{} is no {}", shorten(item.dump(), 40), type_.substr(0, type_.size() - 2)));
  }

  const Metadata& metadata_;
  std::deque<std::string>& texts_;
  const std::string_view text_;
  std::string key_;
  std::string_view type_, given_;
};

}  // namespace

void assign(Metadata& metadata, std::deque<std::string>& texts, std::string_view text) {
  Assignment assignment(metadata, texts, text);
  MetaValue value = assignment.value();
  metadata.insert(assignment.key(), std::move(value));
}

}  // namespace loam
