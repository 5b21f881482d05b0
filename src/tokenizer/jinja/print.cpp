#include "tokenizer/jinja/print.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/utf8.h"
#include "tokenizer/jinja/interpreter.h"
#include "tokenizer/jinja/text.h"

namespace loam::jinja {
namespace {

// Shortest round-trip digits and the decimal exponent: value = 0.d₁d₂… · 10^point.
struct Digits {
  std::string digits;
  int point;
};

Digits shortest_digits(double value) {
  char buffer[64];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific).ptr;
  const std::string text(buffer, end);
  const size_t e = text.find('e');
  std::string digits = text.substr(0, e);
  std::erase(digits, '.');
  return {digits, std::stoi(text.substr(e + 1)) + 1};
}

std::string_view quoted(std::string_view c, char quote) {
  if (c == "\n") return "\\n";
  if (c == "\r") return "\\r";
  if (c == "\t") return "\\t";
  if (c == "\\") return "\\\\";
  if (c.size() == 1 && c[0] == quote) return quote == '\'' ? "\\'" : "\\\"";
  return c;
}

void append_list(Interpreter& run, Builder& out, const List& list, int depth) {
  const bool tuple = list.kind != List::Kind::list;
  out += tuple ? '(' : '[';
  for (size_t i = 0; i < list.items.size(); ++i) {
    if (i > 0) out += ", ";
    append_repr(run, out, list.items[i], depth + 1);
  }
  if (tuple && list.items.size() == 1) out += ',';
  out += tuple ? ')' : ']';
}

// Everything but containers and objects.
std::string scalar_repr(Heap& heap, const Value& value) {
  if (value.is_none()) return "None";
  if (value.is_undefined()) return "Undefined";
  if (value.is_bool()) return value.boolean() ? "True" : "False";
  if (value.is_integer()) return std::to_string(value.integer());
  if (value.is_float()) {
    heap.step(2);
    return float_repr(value.real());
  }
  const std::string text = text_repr(heap, value.bytes());
  return value.markup() ? "Markup(" + text + ")" : text;
}

}  // namespace

// Fixed notation for 1e-4 ≤ |value| < 1e16, else d.ddde±XX.
std::string float_repr(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  const std::string sign = std::signbit(value) ? "-" : "";
  if (value == 0) return sign + "0.0";
  auto [digits, point] = shortest_digits(std::abs(value));
  if (point > 16 || point < -3) {
    const std::string fraction = digits.size() > 1 ? "." + digits.substr(1) : "";
    return fmt::format("{}{}{}e{}{:02}", sign, digits[0], fraction, point > 0 ? '+' : '-', std::abs(point - 1));
  }
  if (point <= 0) return sign + "0." + std::string(static_cast<size_t>(-point), '0') + digits;
  const auto whole = static_cast<size_t>(point);
  if (digits.size() <= whole) return sign + digits + std::string(whole - digits.size(), '0') + ".0";
  return sign + digits.substr(0, whole) + "." + digits.substr(whole);
}

void append_hex(std::string& out, std::string_view prefix, uint32_t value, int digits) {
  out += prefix;
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) out += "0123456789abcdef"[value >> shift & 15];
}

std::string quote(std::string_view name) {
  static constexpr size_t kLongest = 64;
  Heap heap({});
  if (name.size() <= kLongest) return text_repr(heap, name);
  return text_repr(heap, name.substr(0, kLongest)) + "…";
}

std::string text_repr(Heap& heap, std::string_view text) {
  heap.charge(text.size(), Work::decode);
  const bool single = text.find('\'') != std::string_view::npos && text.find('"') == std::string_view::npos;
  const char quote = single ? '"' : '\'';
  std::string out(1, quote);
  for (size_t i = 0; i < text.size();) {
    const CodePoint c = decode_utf8(text, i);
    const std::string_view bytes = text.substr(i, static_cast<size_t>(c.bytes));
    const std::string_view escaped = quoted(bytes, quote);
    const auto value = static_cast<uint32_t>(c.value);
    if (escaped != bytes || is_printable(c.value)) {
      out += escaped;
    } else {
      heap.charge(bytes.size(), Work::decode);
      append_hex(out,
                 value < 0x100     ? "\\x"
                 : value < 0x10000 ? "\\u"
                                   : "\\U",
                 value,
                 value < 0x100     ? 2
                 : value < 0x10000 ? 4
                                   : 8);
    }
    i += static_cast<size_t>(c.bytes);
  }
  return out + quote;
}

void append_dict(Interpreter& run, Builder& out, const Dict& dict, int depth) {
  out += '{';
  for (size_t i = 0; i < dict.size(); ++i) {
    const auto& [key, value] = dict.entries()[i];
    if (i > 0) out += ", ";
    append_repr(run, out, key, depth + 1);
    out += ": ";
    append_repr(run, out, value, depth + 1);
  }
  out += '}';
}

void append_repr(Interpreter& run, Builder& out, const Value& value, int depth) {
  run.heap.step();
  run.heap.check_depth(depth);
  if (value.is_list()) return append_list(run, out, *value.list(), depth);
  if (value.is_dict()) return append_dict(run, out, *value.dict(), depth);
  out += value.is_object() ? value.object()->repr(run, depth) : scalar_repr(run.heap, value);
}

std::string repr(Interpreter& run, const Value& value, int depth) {
  Builder out(run.heap);
  append_repr(run, out, value, depth);
  return out.take();
}

std::string to_text(Interpreter& run, const Value& value) {
  if (value.is_text()) {
    run.heap.charge(value.bytes().size(), Work::copy);
    return value.bytes();
  }
  if (value.is_undefined()) return "";
  return repr(run, value);
}

std::string escape_html(Heap& heap, std::string_view text) {
  heap.charge(text.size(), Work::decode);
  Builder out(heap);
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '\'': out += "&#39;"; break;
      case '"': out += "&#34;"; break;
      default: out += c;
    }
  }
  return out.take();
}

Value escape_html(Interpreter& run, const Value& value) {
  if (value.markup()) return value;
  return run.heap.text(escape_html(run.heap, to_text(run, value)), true);
}

}  // namespace loam::jinja
