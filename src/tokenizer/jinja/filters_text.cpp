// Filters that make a text of a text.
#include <fmt/format.h>

#include <algorithm>

#include "base/utf8.h"
#include "tokenizer/jinja/filters.h"
#include "tokenizer/jinja/objects.h"
#include "tokenizer/jinja/print.h"
#include "tokenizer/jinja/text.h"

namespace loam::jinja {
namespace {

// Jinja's soft_str: a Markup stays one.
Value soft_text(Interpreter& run, const Value& value) {
  return value.is_text() ? value : run.heap.text(to_text(run, value));
}

// Calls the method of text that has the filter's name.
Value text_method(Interpreter& run, const Value& value, std::string_view name, Arguments arguments = {}) {
  return find_text_method(name)(run, soft_text(run, value), std::move(arguments));
}

Value require_text(const Value& value) {
  if (value.is_undefined()) throw Fault{value.undefined_message()};
  if (!value.is_text()) throw Fault{fmt::format("expected a string, not '{}'", value.type_name())};
  return value;
}

Value filter_upper(Interpreter& run, const Value& v, Arguments) { return text_method(run, v, "upper"); }
Value filter_lower(Interpreter& run, const Value& v, Arguments) { return text_method(run, v, "lower"); }
Value filter_capitalize(Interpreter& run, const Value& v, Arguments) { return text_method(run, v, "capitalize"); }
Value filter_string(Interpreter& run, const Value& v, Arguments) { return soft_text(run, v); }

Value filter_trim(Interpreter& run, const Value& v, Arguments a) {
  const Bound bound("trim", std::move(a), {"chars"});
  Arguments chars;
  if (bound[0]) chars.positional.push_back(*bound[0]);
  return text_method(run, v, "strip", std::move(chars));
}

Value filter_center(Interpreter& run, const Value& v, Arguments a) {
  const Bound bound("center", std::move(a), {"width"});
  Arguments width;
  width.positional.push_back(bound.get(0, Value(int64_t{80})));
  return text_method(run, v, "center", std::move(width));
}

// Words are what -, whitespace and opening brackets divide: not str.title()'s runs of letters.
Value filter_title(Interpreter& run, const Value& v, Arguments) {
  const Value text = soft_text(run, v);
  run.heap.charge(text.bytes().size(), Work::decode);
  std::string out, word;
  const auto flush = [&] {
    if (word.empty()) return;
    const std::string_view all = word;
    const auto first = static_cast<size_t>(decode_utf8(word, 0).bytes);
    out += upper(run.heap, all.substr(0, first)) + lower(run.heap, all.substr(first));
    word.clear();
  };
  for (const char32_t c : code_points(text.bytes())) {
    const bool divides = is_space(c) || c == '-' || c == '(' || c == '{' || c == '[' || c == '<';
    if (divides) flush();
    append_utf8(divides ? out : word, c);
  }
  flush();
  return run.heap.text(std::move(out));
}

Value filter_replace(Interpreter& run, const Value& v, Arguments a) {
  const Bound bound("replace", std::move(a), {"old", "new", "count"}, 2);
  Arguments plain;
  for (const size_t i : {0, 1}) plain.positional.push_back(run.heap.text(to_text(run, *bound[i])));
  const bool counted = bound[2] && !bound[2]->is_none();
  plain.positional.push_back(Value(counted ? bound.integer(2, -1) : int64_t{-1}));
  return find_text_method("replace")(run, run.heap.text(to_text(run, v)), std::move(plain));
}

Value filter_indent(Interpreter& run, const Value& v, Arguments a) {
  const Bound bound("indent", std::move(a), {"width", "first", "blank"});
  const Value text = require_text(v);
  Builder indent(run.heap);
  if (bound[0] && bound[0]->is_text()) {
    indent += bound[0]->bytes();
  } else {
    indent.repeat(" ", bound.integer(0, 4));
  }
  run.heap.charge(text.bytes().size(), Work::copy);
  const std::string margin = indent.take(), whole = text.bytes() + "\n";
  const Parts lines = split_lines(run.heap, whole, false);
  Builder out(run.heap);
  for (size_t i = 0; i < lines.size(); ++i) {
    run.heap.step();
    if (i > 0) out += '\n';
    const bool wanted = i == 0 ? bound.flag(1) : bound.flag(2) || !lines[i].empty();
    if (wanted) out += margin;
    out += lines[i];
  }
  return out.finish(text.markup());
}

Value filter_truncate(Interpreter& run, const Value& v, Arguments a) {
  const Bound bound("truncate", std::move(a), {"length", "killwords", "end", "leeway"});
  const Value end = bound.get(2, run.heap.text("..."));
  const int64_t limit = bound.integer(0, 255), n_end = length(run.heap, end);
  const int64_t leeway = bound[3] && !bound[3]->is_none() ? bound.integer(3, 5) : 5;
  if (limit < n_end) throw Fault{fmt::format("expected length >= {}, got {}", n_end, limit)};
  if (leeway < 0) throw Fault{fmt::format("expected leeway >= 0, got {}", leeway)};
  const int64_t n = length(run.heap, v);
  if (n <= limit || n - limit <= leeway) return v;
  const Value text = require_text(v);
  const std::string_view bytes = text.bytes();
  std::string_view kept = bytes.substr(0, byte_offset(run.heap, bytes, limit - n_end, text.text().ascii));
  if (!bound.flag(1)) {
    run.heap.charge(kept.size(), Work::copy);
    const size_t space = kept.rfind(' ');
    if (space != std::string_view::npos) kept = kept.substr(0, space);
  }
  return run.heap.text(std::string(kept) + require_text(end).bytes(), text.markup());
}

Value filter_striptags(Interpreter& run, const Value& v, Arguments) {
  const std::string bytes = to_text(run, v);
  run.heap.charge(bytes.size(), Work::decode);
  std::string kept;
  // Where the search for an end has failed, a later one would: it is not repeated.
  bool ends[] = {true, true};
  for (size_t i = 0; i < bytes.size();) {
    const bool comment = bytes.compare(i, 4, "<!--") == 0;
    const bool opens = bytes[i] == '<' && ends[comment];
    const size_t end = opens ? find_next(bytes, comment ? "-->" : ">", i) : std::string::npos;
    if (opens) ends[comment] = end != std::string::npos;
    if (end == std::string::npos) {
      kept += bytes[i++];
    } else {
      i = end + (comment ? 3 : 1);
    }
  }
  Builder out(run.heap);
  for (const std::string_view word : split(run.heap, kept, nullptr, -1)) {
    if (out.size() > 0) out += ' ';
    out += word;
  }
  return out.finish();
}

Value filter_escape(Interpreter& run, const Value& v, Arguments) { return escape_html(run, v); }
Value filter_forceescape(Interpreter& run, const Value& v, Arguments) {
  return run.heap.text(escape_html(run.heap, to_text(run, v)), true);
}
Value filter_safe(Interpreter& run, const Value& v, Arguments) { return run.heap.text(to_text(run, v), true); }

void append_quoted(Heap& heap, Builder& out, std::string_view text, std::string_view safe) {
  heap.charge(text.size(), Work::decode);
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       (std::string_view("_.-~").find(c) != std::string_view::npos) ||
                       safe.find(c) != std::string_view::npos;
    if (plain) {
      out += c;
    } else {
      static constexpr std::string_view kDigits = "0123456789ABCDEF";
      const auto byte = static_cast<unsigned char>(c);
      const char escaped[] = {'%', kDigits[byte >> 4], kDigits[byte & 15]};
      out += std::string_view(escaped, 3);
    }
  }
}

void append_query(Heap& heap, Builder& out, std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == ' ') {
      out += '+';
    } else {
      append_quoted(heap, out, text.substr(i, 1), "");
    }
  }
}

Value filter_urlencode(Interpreter& run, const Value& v, Arguments) {
  Builder out(run.heap);
  const ListPtr pairs = v.is_text()   ? nullptr
                        : v.is_dict() ? DictView(v.dict(), DictView::Kind::items).items(run)
                                      : try_items_of(run, v);
  if (!pairs) {
    append_quoted(run.heap, out, to_text(run, v), "/");
    return out.finish();
  }
  for (const Value& pair : pairs->items) {
    const ListPtr both = items_of(run, pair);
    if (both->items.size() != 2) throw Fault{"urlencode expects pairs"};
    if (out.size() > 0) out += '&';
    append_query(run.heap, out, to_text(run, both->items[0]));
    out += '=';
    append_query(run.heap, out, to_text(run, both->items[1]));
  }
  return out.finish();
}

Value filter_wordcount(Interpreter& run, const Value& v, Arguments) {
  int64_t n = 0;
  bool inside = false;
  const std::string text = to_text(run, v);
  run.heap.charge(text.size(), Work::classify);
  for (const char32_t c : code_points(text)) {
    const bool word = c == '_' || is_in_class(c, CharacterClass::alnum);
    if (word && !inside) ++n;
    inside = word;
  }
  return n;
}

Value filter_format(Interpreter& run, const Value& v, Arguments a) {
  if (!a.positional.empty() && !a.keyword.empty()) {
    throw Fault{"can't handle positional and keyword arguments at the same time"};
  }
  if (a.keyword.empty()) return format_percent(run, soft_text(run, v), run.heap.tuple(std::move(a.positional)));
  Dict values;
  for (auto& [name, value] : a.keyword) values.set(run.heap, run.heap.text(name), std::move(value));
  return format_percent(run, soft_text(run, v), run.heap.dict(std::move(values)));
}

Value filter_xmlattr(Interpreter& run, const Value& v, Arguments a) {
  const Bound bound("xmlattr", std::move(a), {"autospace"});
  if (!v.is_dict()) throw Fault{fmt::format("xmlattr expects a mapping, not '{}'", v.type_name())};
  Builder out(run.heap);
  for (const auto& [key, value] : v.dict()->entries()) {
    if (value.is_none() || value.is_undefined()) continue;
    const std::string name = to_text(run, require_text(key));
    run.heap.charge(name.size(), Work::decode);
    if (name.find_first_of(" \t\n\r\f\v/>=") != std::string::npos) {
      throw Fault{fmt::format("Invalid character in attribute name: {}", quote(name))};
    }
    if (out.size() > 0 || bound.flag(0, true)) out += ' ';
    out += escape_html(run.heap, name);
    out += "=\"";
    out += escape_html(run, value).bytes();
    out += '"';
  }
  return out.finish();
}

constexpr std::pair<std::string_view, Filter> kTextFilters[] = {
    {"wordwrap", filter_wordwrap},
    {"upper", filter_upper},
    {"lower", filter_lower},
    {"capitalize", filter_capitalize},
    {"string", filter_string},
    {"trim", filter_trim},
    {"center", filter_center},
    {"title", filter_title},
    {"replace", filter_replace},
    {"indent", filter_indent},
    {"truncate", filter_truncate},
    {"striptags", filter_striptags},
    {"escape", filter_escape},
    {"e", filter_escape},
    {"forceescape", filter_forceescape},
    {"safe", filter_safe},
    {"urlencode", filter_urlencode},
    {"wordcount", filter_wordcount},
    {"format", filter_format},
    {"xmlattr", filter_xmlattr},
};

}  // namespace

Filter find_text_filter(std::string_view name) {
  for (const auto& [key, filter] : kTextFilters) {
    if (key == name) return filter;
  }
  return nullptr;
}

}  // namespace loam::jinja
