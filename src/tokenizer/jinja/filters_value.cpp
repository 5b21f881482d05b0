// Filters on single values: numbers, defaults, attributes and JSON.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "tokenizer/jinja/format_spec.h"
#include "tokenizer/jinja/objects.h"
#include "tokenizer/jinja/print.h"
#include "tokenizer/jinja/text.h"

namespace loam::jinja {
namespace {

Value filter_abs(Interpreter&, const Value& v, Arguments) {
  if (v.is_undefined()) throw Fault{v.undefined_message()};
  if (v.is_float()) return std::abs(v.real());
  if (!v.index()) throw Fault{fmt::format("bad operand type for abs(): '{}'", v.type_name())};
  return *v.index() < 0 ? negate(v) : Value(*v.index());
}

Value filter_default(Interpreter& run, const Value& v, Arguments a) {
  const Bound bound("default", std::move(a), {"default_value", "boolean"});
  const bool replaced = v.is_undefined() || (bound.flag(1) && !truth(v));
  return replaced ? bound.get(0, run.heap.text("")) : v;
}

Value filter_attr(Interpreter& run, const Value& v, Arguments a) {
  const Bound bound("attr", std::move(a), {"name"}, 1);
  const std::string name = to_text(run, *bound[0]);
  if (v.is_dict() && !find_dict_method(name) && v.dict()->find(run.heap, name)) {
    return run.heap.undefined(fmt::format("'dict object' has no attribute {}", quote(name)));
  }
  return attribute(run, v, name);
}

// The number a text spells, underscores between digits allowed; nothing where it spells none or too large a one.
std::optional<int64_t> parse_integer(Heap& heap, std::string_view text, int64_t base) {
  std::string digits(strip(heap, text, nullptr, true, true));
  const bool negative = digits.starts_with('-');
  if (negative || digits.starts_with('+')) digits.erase(0, 1);
  static constexpr std::string_view kPrefixes = "bBoOxX";
  const size_t prefix = digits.size() > 2 && digits[0] == '0' ? kPrefixes.find(digits[1]) : std::string_view::npos;
  if (prefix != std::string_view::npos) {
    static constexpr int kBases[] = {2, 8, 16};
    if (base == 0 || base == kBases[prefix / 2]) {
      base = kBases[prefix / 2];
      digits.erase(0, 2);
    }
  }
  if (base == 0) base = 10;
  if (base < 2 || base > 36 || digits.empty() || digits.starts_with('_') || digits.ends_with('_')) return std::nullopt;
  std::erase(digits, '_');
  if (negative) digits.insert(0, 1, '-');
  int64_t value = 0;
  const char* end = digits.data() + digits.size();
  const auto result = std::from_chars(digits.data(), end, value, static_cast<int>(base));
  const bool whole = result.ec == std::errc() && result.ptr == end && digits.find('-', 1) == std::string::npos;
  return whole ? std::optional(value) : std::nullopt;
}

std::optional<double> parse_float(Heap& heap, std::string_view text) {
  std::string digits = lower(heap, strip(heap, text, nullptr, true, true));
  std::erase(digits, '_');
  if (digits.starts_with('+')) digits.erase(0, 1);
  if (digits.empty() || digits.starts_with("-nan(") || digits.starts_with("nan(")) return std::nullopt;
  // from_chars knows no hexadecimal or locale, but leaves what is out of range to strtod: inf or 0.
  double value = 0;
  const char* end = digits.data() + digits.size();
  const auto result = std::from_chars(digits.data(), end, value);
  if (result.ec == std::errc::result_out_of_range) value = std::strtod(digits.c_str(), nullptr);
  return result.ec != std::errc::invalid_argument && result.ptr == end ? std::optional(value) : std::nullopt;
}

std::optional<int64_t> truncate(double value) {
  if (!(std::abs(value) < 9.2e18)) return std::nullopt;
  return static_cast<int64_t>(value);
}

Value filter_int(Interpreter& run, const Value& v, Arguments a) {
  const Bound bound("int", std::move(a), {"default", "base"});
  const Value fallback = bound.get(0, Value(int64_t{0}));
  if (v.is_undefined()) throw Fault{v.undefined_message()};
  if (const auto i = v.index()) return *i;
  std::optional<double> real = v.number();
  if (v.is_text()) {
    if (const auto i = parse_integer(run.heap, v.bytes(), bound.integer(1, 10))) return *i;
    real = parse_float(run.heap, v.bytes());
  }
  const auto whole = real ? truncate(*real) : std::nullopt;
  return whole ? Value(*whole) : fallback;
}

Value filter_float(Interpreter& run, const Value& v, Arguments a) {
  const Bound bound("float", std::move(a), {"default"});
  if (v.is_undefined()) throw Fault{v.undefined_message()};
  const std::optional<double> value = v.is_text() ? parse_float(run.heap, v.bytes()) : v.number();
  return value ? Value(*value) : bound.get(0, Value(0.0));
}

// To the nearest with `precision` decimals, halves of the exact binary value to even, as Python rounds.
double round_decimals(double value, int64_t precision) {
  if (!std::isfinite(value) || precision > 308) return value;
  if (precision < -308) return 0.0 * value;
  if (precision >= 0) {
    double rounded = value;
    const std::string text = fmt::format("{:.{}f}", value, precision);
    std::from_chars(text.data(), text.data() + text.size(), rounded);
    return rounded;
  }
  const double unit = std::pow(10.0, static_cast<double>(-precision));
  return std::nearbyint(value / unit) * unit;
}

Value round_integer(int64_t value, int64_t precision) {
  if (precision >= 0) return value;
  if (precision < -18) return int64_t{0};
  int64_t unit = 1;
  for (int64_t i = 0; i < -precision; ++i) unit *= 10;
  const int64_t rest = ((value % unit) + unit) % unit, down = value - rest;
  const bool up = rest > unit / 2 || (rest == unit / 2 && (down / unit) % 2 != 0);
  int64_t result = down;
  if (up && __builtin_add_overflow(down, unit, &result))
    throw Fault{"integer overflow: the result does not fit 64 bits"};
  return result;
}

Value filter_round(Interpreter& run, const Value& v, Arguments a) {
  const Bound bound("round", std::move(a), {"precision", "method"});
  const std::string method = bound[1] ? to_text(run, *bound[1]) : "common";
  const int64_t precision = bound.integer(0, 0);
  if (method != "common" && method != "ceil" && method != "floor") throw Fault{"method must be common, ceil or floor"};
  if (v.is_undefined()) throw Fault{v.undefined_message()};
  if (!v.is_number()) throw Fault{fmt::format("type {} doesn't define __round__ method", v.type_name())};
  if (method == "common") {
    charge_digits(run.heap, *v.number(), precision);
    return v.index() ? round_integer(*v.index(), precision) : Value(round_decimals(v.real(), precision));
  }
  const double unit = std::pow(10.0, static_cast<double>(precision)), scaled = *v.number() * unit;
  return (method == "ceil" ? std::ceil(scaled) : std::floor(scaled)) / unit;
}

Value filter_filesizeformat(Interpreter& run, const Value& v, Arguments a) {
  const Bound bound("filesizeformat", std::move(a), {"binary"});
  const std::optional<double> number = v.is_text() ? parse_float(run.heap, v.bytes()) : v.number();
  if (!number) throw Fault{fmt::format("could not convert to float: {}", repr(run, v))};
  const bool binary = bound.flag(0);
  const double base = binary ? 1024 : 1000, bytes = *number;
  if (bytes == 1) return run.heap.text("1 Byte");
  charge_digits(run.heap, bytes, 1);
  if (bytes < base) return run.heap.text(fmt::format("{:.0f} Bytes", std::trunc(bytes)));
  static constexpr std::string_view kPrefixes = "kMGTPEZY";
  double unit = base;
  size_t i = 0;
  while (i + 1 < kPrefixes.size() && bytes >= unit * base) {
    unit *= base;
    ++i;
  }
  const std::string prefix =
      binary ? std::string(1, i == 0 ? 'K' : kPrefixes[i]) + "iB" : std::string(1, kPrefixes[i]) + "B";
  return run.heap.text(fmt::format("{:.1f} {}", bytes / unit, prefix));
}

std::optional<std::string> indent_of(Interpreter& run, const Value* indent) {
  if (!indent || indent->is_none()) return std::nullopt;
  if (indent->is_text()) return to_text(run, *indent);
  if (!indent->index()) throw Fault{"indent must be an integer or a string"};
  Builder spaces(run.heap);
  spaces.repeat(" ", *indent->index());
  return spaces.take();
}

// Hugging Face's tojson: json.dumps without the HTML escaping of Jinja's own.
Value filter_tojson(Interpreter& run, const Value& v, Arguments a) {
  const Bound bound("tojson", std::move(a), {"ensure_ascii", "indent", "separators", "sort_keys"});
  JsonStyle style{.ensure_ascii = bound.flag(0), .sort_keys = bound.flag(3), .indent = indent_of(run, bound[1])};
  if (style.indent) style.item_separator = ",";
  if (bound[2] && !bound[2]->is_none()) {
    const ListPtr separators = items_of(run, *bound[2]);
    if (separators->items.size() != 2) throw Fault{"separators must be a pair (item_separator, key_separator)"};
    style.item_separator = to_text(run, separators->items[0]);
    style.key_separator = to_text(run, separators->items[1]);
  }
  return to_json(run, v, style);
}

constexpr std::pair<std::string_view, Filter> kValueFilters[] = {
    {"abs", filter_abs},     {"default", filter_default}, {"d", filter_default},
    {"attr", filter_attr},   {"int", filter_int},         {"float", filter_float},
    {"round", filter_round}, {"tojson", filter_tojson},   {"filesizeformat", filter_filesizeformat},
};

}  // namespace

Filter find_value_filter(std::string_view name) {
  for (const auto& [key, filter] : kValueFilters) {
    if (key == name) return filter;
  }
  return nullptr;
}

}  // namespace loam::jinja
