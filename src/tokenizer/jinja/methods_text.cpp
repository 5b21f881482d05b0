// The methods of str.
#include <fmt/format.h>

#include <algorithm>

#include "base/utf8.h"
#include "tokenizer/jinja/objects.h"
#include "tokenizer/jinja/print.h"
#include "tokenizer/jinja/text.h"

namespace loam::jinja {
namespace {

const std::string& text_argument(const Value& value) {
  if (value.is_undefined()) throw Fault{value.undefined_message()};
  if (!value.is_text()) throw Fault{fmt::format("argument must be str, not {}", value.type_name())};
  return value.bytes();
}

Value make(Interpreter& run, const Value& self, std::string bytes) {
  return run.heap.text(std::move(bytes), self.markup());
}

// What is joined to a Markup is escaped, unless it is one.
std::string adopt(Interpreter& run, const Value& self, const Value& other) {
  text_argument(other);
  return self.markup() ? escape_html(run, other).bytes() : to_text(run, other);
}

Value strip_ends(Interpreter& run, const Value& self, Arguments a, bool left, bool right) {
  const Bound bound("strip", std::move(a), {"chars"});
  const bool given = bound[0] && !bound[0]->is_none();
  const std::string_view chars = given ? std::string_view(text_argument(*bound[0])) : std::string_view();
  const std::string_view kept = strip(run.heap, self.bytes(), given ? &chars : nullptr, left, right);
  return kept.size() == self.bytes().size() ? self : make(run, self, std::string(kept));
}

Value list_of(Interpreter& run, const Value& self, const Parts& parts) {
  std::vector<Value> items;
  for (const std::string_view part : parts) {
    run.heap.step();
    items.push_back(make(run, self, std::string(part)));
  }
  return run.heap.list(std::move(items));
}

Value split_with(Interpreter& run, const Value& self, Arguments a, decltype(split)* cut) {
  const Bound bound("split", std::move(a), {"sep", "maxsplit"});
  const bool given = bound[0] && !bound[0]->is_none();
  const std::string_view separator = given ? std::string_view(text_argument(*bound[0])) : std::string_view();
  if (given && separator.empty()) throw Fault{"empty separator"};
  return list_of(run, self, cut(run.heap, self.bytes(), given ? &separator : nullptr, bound.integer(1, -1)));
}

Value partition(Interpreter& run, const Value& self, Arguments a, bool from_right) {
  const Bound bound("partition", std::move(a), {"sep"}, 1);
  const std::string& separator = text_argument(*bound[0]);
  if (separator.empty()) throw Fault{"empty separator"};
  const std::string_view text = self.bytes();
  const size_t at = from_right ? rfind(run.heap, text, separator) : find(run.heap, text, separator);
  const Value empty = run.heap.text("");
  if (at == std::string_view::npos) {
    return from_right ? run.heap.tuple({empty, empty, self}) : run.heap.tuple({self, empty, empty});
  }
  return run.heap.tuple({make(run, self, std::string(text.substr(0, at))), *bound[0],
                         make(run, self, std::string(text.substr(at + separator.size())))});
}

// The part of the text that optional arguments `start` and `stop` (from `first` on) name, and its place in bytes.
struct Section {
  std::string_view text;
  size_t begin;
  int64_t first_index;
  bool valid;
};

Section section(Heap& heap, const Value& self, const Bound& bound, size_t first) {
  const bool ascii = self.text().ascii;
  const int64_t n = length(heap, self);
  const auto place = [&](size_t i, int64_t fallback) {
    int64_t at = bound[i] && !bound[i]->is_none() ? bound.integer(i, fallback) : fallback;
    if (at < 0) at = std::max<int64_t>(0, at + n);
    return at;
  };
  const int64_t start = place(first, 0), stop = std::min(n, place(first + 1, n));
  if (start > stop) return {{}, 0, start, start <= n && false};
  const std::string_view bytes = self.bytes();
  const size_t begin = byte_offset(heap, bytes, start, ascii), end = byte_offset(heap, bytes, stop, ascii);
  return {bytes.substr(begin, end - begin), begin, start, true};
}

Value starts_or_ends(Interpreter& run, const Value& self, Arguments a, bool start) {
  const std::string_view name = start ? "startswith" : "endswith";
  const Bound bound(name, std::move(a), {"prefix", "start", "end"}, 1);
  const Section part = section(run.heap, self, bound, 1);
  const auto matches = [&](const Value& affix) {
    if (!affix.is_text()) {
      throw Fault{fmt::format("{} first arg must be str or a tuple of str, not {}", name, affix.type_name())};
    }
    run.heap.step();
    run.heap.charge(std::min(affix.bytes().size(), part.text.size()), Work::copy);
    return part.valid && (start ? part.text.starts_with(affix.bytes()) : part.text.ends_with(affix.bytes()));
  };
  const Value& affix = *bound[0];
  if (!affix.is_list() || affix.list()->kind == List::Kind::list) return matches(affix);
  return std::any_of(affix.list()->items.begin(), affix.list()->items.end(), matches);
}

int64_t search(Interpreter& run, const Value& self, Arguments a, bool from_right) {
  const Bound bound("find", std::move(a), {"sub", "start", "end"}, 1);
  const std::string& needle = text_argument(*bound[0]);
  const Section part = section(run.heap, self, bound, 1);
  if (!part.valid) return -1;
  const size_t at = from_right ? rfind(run.heap, part.text, needle) : find(run.heap, part.text, needle);
  if (at == std::string_view::npos) return -1;
  run.heap.charge(at, Work::search);
  return part.first_index + static_cast<int64_t>(count_code_points(part.text.substr(0, at)));
}

Value search_or_fail(Interpreter& run, const Value& self, Arguments a, bool from_right) {
  const int64_t at = search(run, self, std::move(a), from_right);
  if (at < 0) throw Fault{"substring not found"};
  return at;
}

Value count_in(Interpreter& run, const Value& self, Arguments a) {
  const Bound bound("count", std::move(a), {"sub", "start", "end"}, 1);
  const Section part = section(run.heap, self, bound, 1);
  return part.valid ? count(run.heap, part.text, text_argument(*bound[0])) : int64_t{0};
}

Value replace(Interpreter& run, const Value& self, Arguments a) {
  const Bound bound("replace", std::move(a), {"old", "new", "count"}, 2);
  const std::string& old = text_argument(*bound[0]);
  const std::string fresh = adopt(run, self, *bound[1]);
  const std::string_view text = self.bytes();
  run.heap.charge(text.size() + old.size(), Work::search);
  int64_t left = bound.integer(2, -1);
  if (left < 0) left = INT64_MAX;
  Builder out(run.heap);
  size_t begin = 0;
  if (old.empty()) {  // between all code points and at both ends
    for (; left > 0 && begin <= text.size(); --left) {
      run.heap.step();
      out += fresh;
      if (begin == text.size()) return out.finish(self.markup());
      const auto n = static_cast<size_t>(decode_utf8(text, begin).bytes);
      out += text.substr(begin, n);
      begin += n;
    }
    out += text.substr(begin);
    return out.finish(self.markup());
  }
  for (; left > 0; --left) {
    const size_t at = find_next(text, old, begin);
    if (at == std::string_view::npos) break;
    run.heap.step();
    out += text.substr(begin, at - begin);
    out += fresh;
    begin = at + old.size();
  }
  out += text.substr(begin);
  return out.finish(self.markup());
}

Value join(Interpreter& run, const Value& self, Arguments a) {
  const Bound bound("join", std::move(a), {"iterable"}, 1);
  const ListPtr items = try_items_of(run, *bound[0]);
  if (!items) throw Fault{"can only join an iterable"};
  Builder out(run.heap);
  for (size_t i = 0; i < items->items.size(); ++i) {
    run.heap.step();
    const Value& item = items->items[i];
    if (!item.is_text() && !self.markup()) {
      throw Fault{fmt::format("sequence item {}: expected str instance, {} found", i, item.type_name())};
    }
    if (i > 0) out += self.bytes();
    out += item.is_text() ? adopt(run, self, item) : escape_html(run, item).bytes();
  }
  return out.finish(self.markup());
}

// Padding on the left, the right or both sides, as Python divides it.
Value pad(Interpreter& run, const Value& self, Arguments a, bool left, bool right) {
  const Bound bound("just", std::move(a), {"width", "fillchar"}, 1);
  const Value fill = bound.get(1, run.heap.text(" "));
  text_argument(fill);
  if (length(run.heap, fill) != 1) throw Fault{"The fill character must be exactly one character long"};
  const int64_t width = bound.integer(0, 0), n = length(run.heap, self);
  if (width <= n) return self;
  const int64_t missing = width - n;
  const int64_t before = !left ? 0 : !right ? missing : missing / 2 + (missing & width & 1);
  Builder out(run.heap);
  out.repeat(fill.bytes(), before);
  out += self.bytes();
  out.repeat(fill.bytes(), missing - before);
  return out.finish(self.markup());
}

Value zfill(Interpreter& run, const Value& self, Arguments a) {
  const Bound bound("zfill", std::move(a), {"width"}, 1);
  const int64_t missing = bound.integer(0, 0) - length(run.heap, self);
  const bool sign = self.bytes().starts_with('-') || self.bytes().starts_with('+');
  Builder out(run.heap);
  out += std::string_view(self.bytes()).substr(0, sign ? 1 : 0);
  out.repeat("0", missing);
  out += std::string_view(self.bytes()).substr(sign ? 1 : 0);
  return out.finish(self.markup());
}

Value expandtabs(Interpreter& run, const Value& self, Arguments a) {
  const Bound bound("expandtabs", std::move(a), {"tabsize"});
  const int64_t size = bound.integer(0, 8);
  Builder out(run.heap);
  int64_t column = 0;
  run.heap.charge(self.bytes().size(), Work::decode);
  for (const char32_t c : code_points(self.bytes())) {
    if (c == '\t') {
      const int64_t n = size > 0 ? size - column % size : 0;
      out.repeat(" ", n);
      column += n;
    } else {
      out += to_utf8(c);
      column = c == '\n' || c == '\r' ? 0 : column + 1;
    }
  }
  return out.finish(self.markup());
}

Value remove_affix(Interpreter& run, const Value& self, Arguments a, bool prefix) {
  const Bound bound("removeprefix", std::move(a), {"affix"}, 1);
  const std::string& affix = text_argument(*bound[0]);
  std::string_view text = self.bytes();
  run.heap.charge(std::min(text.size(), affix.size()), Work::copy);
  if (prefix && text.starts_with(affix))
    text.remove_prefix(affix.size());
  else if (!prefix && text.ends_with(affix))
    text.remove_suffix(affix.size());
  return make(run, self, std::string(text));
}

template <std::string (*change)(Heap&, std::string_view)>
Value change_case(Interpreter& run, const Value& self, Arguments) {
  return make(run, self, change(run.heap, self.bytes()));
}

template <CharacterClass kind>
Value is_all(Interpreter& run, const Value& self, Arguments) {
  const bool empty_ascii = kind == CharacterClass::ascii && self.bytes().empty();
  return empty_ascii || all_are(run.heap, self.bytes(), kind);
}

bool has_title_case(Heap& heap, std::string_view text) {
  return !text.empty() && title(heap, text) == text && upper(heap, text) != lower(heap, text);
}

constexpr std::pair<std::string_view, Method> kMethods[] = {
    {"strip", [](Interpreter& r, const Value& s, Arguments a) { return strip_ends(r, s, std::move(a), true, true); }},
    {"lstrip", [](Interpreter& r, const Value& s, Arguments a) { return strip_ends(r, s, std::move(a), true, false); }},
    {"rstrip", [](Interpreter& r, const Value& s, Arguments a) { return strip_ends(r, s, std::move(a), false, true); }},
    {"split", [](Interpreter& r, const Value& s, Arguments a) { return split_with(r, s, std::move(a), split); }},
    {"rsplit", [](Interpreter& r, const Value& s, Arguments a) { return split_with(r, s, std::move(a), rsplit); }},
    {"splitlines",
     [](Interpreter& r, const Value& s, Arguments a) {
       const Bound bound("splitlines", std::move(a), {"keepends"});
       return list_of(r, s, split_lines(r.heap, s.bytes(), bound.flag(0)));
     }},
    {"partition", [](Interpreter& r, const Value& s, Arguments a) { return partition(r, s, std::move(a), false); }},
    {"rpartition", [](Interpreter& r, const Value& s, Arguments a) { return partition(r, s, std::move(a), true); }},
    {"startswith",
     [](Interpreter& r, const Value& s, Arguments a) { return starts_or_ends(r, s, std::move(a), true); }},
    {"endswith", [](Interpreter& r, const Value& s, Arguments a) { return starts_or_ends(r, s, std::move(a), false); }},
    {"find", [](Interpreter& r, const Value& s, Arguments a) { return Value(search(r, s, std::move(a), false)); }},
    {"rfind", [](Interpreter& r, const Value& s, Arguments a) { return Value(search(r, s, std::move(a), true)); }},
    {"index", [](Interpreter& r, const Value& s, Arguments a) { return search_or_fail(r, s, std::move(a), false); }},
    {"rindex", [](Interpreter& r, const Value& s, Arguments a) { return search_or_fail(r, s, std::move(a), true); }},
    {"count", count_in},
    {"replace", replace},
    {"join", join},
    {"format", format_braces},
    {"ljust", [](Interpreter& r, const Value& s, Arguments a) { return pad(r, s, std::move(a), false, true); }},
    {"rjust", [](Interpreter& r, const Value& s, Arguments a) { return pad(r, s, std::move(a), true, false); }},
    {"center", [](Interpreter& r, const Value& s, Arguments a) { return pad(r, s, std::move(a), true, true); }},
    {"zfill", zfill},
    {"expandtabs", expandtabs},
    {"removeprefix",
     [](Interpreter& r, const Value& s, Arguments a) { return remove_affix(r, s, std::move(a), true); }},
    {"removesuffix",
     [](Interpreter& r, const Value& s, Arguments a) { return remove_affix(r, s, std::move(a), false); }},
    {"upper", change_case<upper>},
    {"lower", change_case<lower>},
    {"casefold", change_case<lower>},
    {"capitalize", change_case<capitalize>},
    {"title", change_case<title>},
    {"swapcase", change_case<swapcase>},
    {"isalpha", is_all<CharacterClass::alpha>},
    {"isdigit", is_all<CharacterClass::digit>},
    {"isdecimal", is_all<CharacterClass::decimal>},
    {"isnumeric", is_all<CharacterClass::numeric>},
    {"isalnum", is_all<CharacterClass::alnum>},
    {"isspace", is_all<CharacterClass::space>},
    {"isascii", is_all<CharacterClass::ascii>},
    {"islower", [](Interpreter& r, const Value& s, Arguments) { return Value(is_cased(r.heap, s.bytes(), false)); }},
    {"isupper", [](Interpreter& r, const Value& s, Arguments) { return Value(is_cased(r.heap, s.bytes(), true)); }},
    {"istitle", [](Interpreter& r, const Value& s, Arguments) { return Value(has_title_case(r.heap, s.bytes())); }},
};

}  // namespace

Method find_text_method(std::string_view name) {
  for (const auto& [key, method] : kMethods) {
    if (key == name) return method;
  }
  return nullptr;
}

}  // namespace loam::jinja
