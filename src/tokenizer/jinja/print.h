// Values as text: Python's str() and repr(), and json.dumps().
#pragma once

#include "tokenizer/jinja/heap.h"

namespace loam::jinja {

std::string float_repr(double value);  // the shortest digits that read back as `value`, as Python lays them out
std::string text_repr(Heap& heap, std::string_view text);
void append_hex(std::string& out, std::string_view prefix, uint32_t value, int digits);  // "\\u" and 4: \u00e9
std::string quote(std::string_view name);  // the same for messages: cut where it is longer than any sensible name

std::string to_text(Interpreter& run, const Value& value);  // str(value)
std::string repr(Interpreter& run, const Value& value, int depth = 0);
void append_repr(Interpreter& run, Builder& out, const Value& value, int depth);
void append_dict(Interpreter& run, Builder& out, const Dict& dict, int depth);

struct JsonStyle {
  bool ensure_ascii = false;
  bool sort_keys = false;
  std::optional<std::string> indent;  // one level's; nothing: all on one line
  std::string item_separator = ", ", key_separator = ": ";
};
Value to_json(Interpreter& run, const Value& value, const JsonStyle& style);

// The HTML-escaped text, as markupsafe.escape; a Markup stays as it is.
Value escape_html(Interpreter& run, const Value& value);
std::string escape_html(Heap& heap, std::string_view text);

}  // namespace loam::jinja
