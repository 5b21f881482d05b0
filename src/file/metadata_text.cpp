#include "file/metadata_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/utf8.h"

namespace loam {
namespace {

using Json = nlohmann::ordered_json;

constexpr size_t kTextLimit = 100, kItems = 8, kItemLimit = 24;

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

std::string quoted(std::string_view text, size_t limit) { return "\"" + shorten(text, limit) + "\""; }

std::string item_text(std::string_view text) { return quoted(text, kItemLimit); }
std::string item_text(int64_t value) { return std::to_string(value); }
std::string item_text(double value) { return fmt::format("{:g}", value); }

Json item_json(std::string_view text) { return sanitize_utf8(text); }
Json item_json(int64_t value) { return value; }
Json item_json(double value) { return value; }

std::string array_text(const MetaArray& array) {
  std::string out = fmt::format("[{} × {}", array.size(), meta_type_name(array.type));
  std::visit(
      [&](const auto& items) {
        for (size_t i = 0; i < std::min(items.size(), kItems); ++i) out += (i ? ", " : ": ") + item_text(items[i]);
        if (items.size() > kItems) out += ", …";
      },
      array.items);
  return out + "]";
}

Json array_json(const MetaArray& array) {
  Json first = Json::array();
  std::visit(
      [&](const auto& items) {
        for (size_t i = 0; i < std::min(items.size(), kItems); ++i) first.push_back(item_json(items[i]));
      },
      array.items);
  return {{"type", meta_type_name(array.type)}, {"n", array.size()}, {"first", std::move(first)}};
}

}  // namespace

std::string_view meta_type_name(MetaType type) {
  static constexpr std::string_view kNames[] = {"u8",   "i8",     "u16",   "i16", "u32", "i32", "f32",
                                                "bool", "string", "array", "u64", "i64", "f64"};
  const auto i = static_cast<size_t>(type);
  return i < std::size(kNames) ? kNames[i] : "unknown";
}

std::string shorten(std::string_view text, size_t limit) {
  size_t end = 0;
  for (size_t n = 0; end < text.size() && n < limit; ++n) end += decode_utf8(text, end).bytes;
  return escape_control(text.substr(0, end)) + (end < text.size() ? "…" : "");
}

std::string metadata_text(const MetaValue& value) {
  return std::visit(Overloaded{[](std::string_view text) { return quoted(text, kTextLimit); },
                               [](const MetaArray& array) { return array_text(array); },
                               [](bool b) { return std::string(b ? "true" : "false"); },
                               [](double number) { return fmt::format("{:g}", number); },
                               [](auto integer) { return std::to_string(integer); }},
                    value.value);
}

Json metadata_json(const MetaValue& value) {
  return std::visit(
      Overloaded{[](std::string_view text) { return Json(sanitize_utf8(text)); },
                 [](const MetaArray& array) { return array_json(array); }, [](auto scalar) { return Json(scalar); }},
      value.value);
}

}  // namespace loam
