#include "tokenizer/jinja/text.h"

#include <string.h>
#include <utf8proc.h>

#include <algorithm>

#include "base/utf8.h"

namespace loam::jinja {
namespace {

utf8proc_category_t category(char32_t c) { return utf8proc_category(static_cast<utf8proc_int32_t>(c)); }
bool is_letter(char32_t c) {
  const auto k = category(c);
  return k >= UTF8PROC_CATEGORY_LU && k <= UTF8PROC_CATEGORY_LO;
}

template <class F>
void for_each(std::string_view text, F&& visit) {
  for (size_t i = 0; i < text.size();) {
    const CodePoint c = decode_utf8(text, i);
    visit(c.value);
    i += c.bytes;
  }
}

}  // namespace

bool is_in_class(char32_t c, CharacterClass kind) {
  const auto k = category(c);
  const bool digit = k == UTF8PROC_CATEGORY_ND;
  // Superscripts and circled digits: digits that are not decimal.
  const bool other_digit = c == 0xB2 || c == 0xB3 || c == 0xB9 || c == 0x2070 || (c >= 0x2074 && c <= 0x2079) ||
                           (c >= 0x2080 && c <= 0x2089) || (c >= 0x2460 && c <= 0x2468);
  const bool numeric = digit || k == UTF8PROC_CATEGORY_NL || k == UTF8PROC_CATEGORY_NO;
  switch (kind) {
    case CharacterClass::alpha: return is_letter(c);
    case CharacterClass::digit: return digit || other_digit;
    case CharacterClass::decimal: return digit;
    case CharacterClass::numeric: return numeric;
    case CharacterClass::alnum: return is_letter(c) || numeric;
    case CharacterClass::space: return is_space(c);
    case CharacterClass::ascii: return c < 0x80;
  }
  return false;
}

namespace {

// The code points whose full upper-case mapping (Unicode's SpecialCasing) is longer than one.
std::string_view special_upper(char32_t c) {
  switch (c) {
    case 0xDF: return "SS";
    case 0x149: return "ʼN";
    case 0x1F0: return "J̌";
    case 0x587: return "ԵՒ";
    case 0xFB00: return "FF";
    case 0xFB01: return "FI";
    case 0xFB02: return "FL";
    case 0xFB03: return "FFI";
    case 0xFB04: return "FFL";
    case 0xFB05:
    case 0xFB06: return "ST";
    default: return {};
  }
}

void append_upper(std::string& out, char32_t c) {
  const std::string_view special = special_upper(c);
  if (special.empty()) {
    append_utf8(out, static_cast<char32_t>(utf8proc_toupper(static_cast<utf8proc_int32_t>(c))));
  } else {
    out += special;
  }
}

bool is_upper_letter(char32_t c) {
  return category(c) == UTF8PROC_CATEGORY_LU ||
         (category(c) != UTF8PROC_CATEGORY_LT &&
          utf8proc_tolower(static_cast<utf8proc_int32_t>(c)) != static_cast<utf8proc_int32_t>(c));
}
bool is_lower_letter(char32_t c) {
  return category(c) == UTF8PROC_CATEGORY_LL ||
         (category(c) != UTF8PROC_CATEGORY_LT &&
          utf8proc_toupper(static_cast<utf8proc_int32_t>(c)) != static_cast<utf8proc_int32_t>(c));
}
bool has_case(char32_t c) { return is_upper_letter(c) || is_lower_letter(c) || category(c) == UTF8PROC_CATEGORY_LT; }

constexpr char32_t kCapitalSigma = 0x3A3, kSmallSigma = 0x3C3, kFinalSigma = 0x3C2, kDottedCapitalI = 0x130;

// Σ ends a word as ς: after a letter and not before one.
char32_t lower_sigma(const std::vector<char32_t>& text, size_t i) {
  const bool after_letter = i > 0 && has_case(text[i - 1]);
  const bool before_letter = i + 1 < text.size() && has_case(text[i + 1]);
  return after_letter && !before_letter ? kFinalSigma : kSmallSigma;
}

void append_lower(std::string& out, const std::vector<char32_t>& text, size_t i) {
  if (text[i] == kDottedCapitalI) {
    out += "i̇";
  } else if (text[i] == kCapitalSigma) {
    append_utf8(out, lower_sigma(text, i));
  } else {
    append_utf8(out, static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(text[i]))));
  }
}

void append_title(std::string& out, char32_t c) {
  if (special_upper(c).empty()) {
    append_utf8(out, static_cast<char32_t>(utf8proc_totitle(static_cast<utf8proc_int32_t>(c))));
    return;
  }
  std::string upper;
  append_upper(upper, c);  // ß → Ss, ﬁ → Fi
  const std::vector<char32_t> points = code_points(upper);
  append_utf8(out, points[0]);
  for (size_t i = 1; i < points.size(); ++i) append_lower(out, points, i);
}

// A set of code points, for strip().
class CodePointSet {
 public:
  explicit CodePointSet(std::string_view chars) : points_(code_points(chars)) {
    std::sort(points_.begin(), points_.end());
  }
  bool contains(char32_t c) const { return std::binary_search(points_.begin(), points_.end(), c); }

 private:
  std::vector<char32_t> points_;
};

// The code point that ends at `end`, looking no further back than `begin`.
CodePoint last_code_point(std::string_view text, size_t end) {
  const auto continues = [&](size_t i) { return (static_cast<unsigned char>(text[i]) & 0xC0) == 0x80; };
  size_t begin = end - 1;
  while (begin > 0 && end - begin < 4 && continues(begin)) --begin;
  const CodePoint c = decode_utf8(text.substr(0, end), begin);
  return begin + static_cast<size_t>(c.bytes) == end ? c : decode_utf8(text, end - 1);
}

}  // namespace

bool is_space(char32_t c) {
  if (c < 0x80) return (c >= 9 && c <= 13) || (c >= 0x1C && c <= 0x20);
  return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 ||
         c == 0x202F || c == 0x205F || c == 0x3000;
}

bool is_printable(char32_t c) {
  if (c == ' ') return true;
  const auto k = category(c);
  return k >= UTF8PROC_CATEGORY_LU && k <= UTF8PROC_CATEGORY_SO;
}

bool all_are(Heap& heap, std::string_view text, CharacterClass kind) {
  heap.charge(text.size(), Work::classify);
  bool all = !text.empty();
  for_each(text, [&](char32_t c) { all = all && is_in_class(c, kind); });
  return all;
}

bool is_cased(Heap& heap, std::string_view text, bool upper) {
  heap.charge(text.size(), Work::classify);
  bool any = false, none_other = true;
  for_each(text, [&](char32_t c) {
    any = any || (upper ? is_upper_letter(c) : is_lower_letter(c));
    none_other = none_other && !(upper ? is_lower_letter(c) : is_upper_letter(c));
    none_other = none_other && category(c) != UTF8PROC_CATEGORY_LT;
  });
  return any && none_other;
}

std::string_view skip_whitespace(std::string_view text) {
  size_t begin = 0;
  while (begin < text.size()) {
    const CodePoint c = decode_utf8(text, begin);
    if (!is_space(c.value)) break;
    begin += static_cast<size_t>(c.bytes);
  }
  return text.substr(begin);
}

std::string_view strip(Heap& heap, std::string_view text, const std::string_view* chars, bool left, bool right) {
  heap.charge(text.size(), chars ? Work::decode : Work::search);
  heap.charge(chars ? chars->size() : 0, Work::classify);
  const CodePointSet set(chars ? *chars : std::string_view());
  const auto goes = [&](char32_t c) { return chars ? set.contains(c) : is_space(c); };
  size_t begin = 0, end = text.size();
  while (left && begin < end) {
    const CodePoint c = decode_utf8(text, begin);
    if (!goes(c.value)) break;
    begin += static_cast<size_t>(c.bytes);
  }
  while (right && end > begin) {
    const CodePoint c = last_code_point(text, end);
    if (!goes(c.value)) break;
    end -= static_cast<size_t>(c.bytes);
  }
  return text.substr(begin, end - begin);
}

std::string upper(Heap& heap, std::string_view text) {
  heap.charge(text.size(), Work::classify);
  std::string out;
  for_each(text, [&](char32_t c) { append_upper(out, c); });
  return out;
}

std::string lower(Heap& heap, std::string_view text) {
  heap.charge(text.size(), Work::classify);
  std::string out;
  const std::vector<char32_t> points = code_points(text);
  for (size_t i = 0; i < points.size(); ++i) append_lower(out, points, i);
  return out;
}

std::string capitalize(Heap& heap, std::string_view text) {
  heap.charge(text.size(), Work::classify);
  std::string out;
  const std::vector<char32_t> points = code_points(text);
  for (size_t i = 0; i < points.size(); ++i) {
    if (i == 0) {
      append_title(out, points[i]);
    } else {
      append_lower(out, points, i);
    }
  }
  return out;
}

std::string title(Heap& heap, std::string_view text) {
  heap.charge(text.size(), Work::classify);
  std::string out;
  const std::vector<char32_t> points = code_points(text);
  bool in_word = false;
  for (size_t i = 0; i < points.size(); ++i) {
    if (in_word) {
      append_lower(out, points, i);
    } else {
      append_title(out, points[i]);
    }
    in_word = has_case(points[i]);
  }
  return out;
}

std::string swapcase(Heap& heap, std::string_view text) {
  heap.charge(text.size(), Work::classify);
  std::string out;
  const std::vector<char32_t> points = code_points(text);
  for (size_t i = 0; i < points.size(); ++i) {
    if (is_upper_letter(points[i])) {
      append_lower(out, points, i);
    } else {
      append_upper(out, points[i]);
    }
  }
  return out;
}

// memmem is linear in glibc and the BSDs; std::string::find is quadratic on aaaa…b.
size_t find_next(std::string_view text, std::string_view needle, size_t from) {
  if (from > text.size()) return std::string_view::npos;
  if (needle.empty()) return from;
  const void* at = memmem(text.data() + from, text.size() - from, needle.data(), needle.size());
  return at ? static_cast<size_t>(static_cast<const char*>(at) - text.data()) : std::string_view::npos;
}

size_t find(Heap& heap, std::string_view text, std::string_view needle) {
  heap.charge(text.size() + needle.size(), Work::search);
  return find_next(text, needle, 0);
}

size_t rfind(Heap& heap, std::string_view text, std::string_view needle) {
  heap.charge(text.size() + needle.size(), Work::search);
  const std::string backwards(text.rbegin(), text.rend()), mirrored(needle.rbegin(), needle.rend());
  const size_t at = find(heap, backwards, mirrored);
  return at == std::string_view::npos ? at : text.size() - needle.size() - at;
}

int64_t count(Heap& heap, std::string_view text, std::string_view needle) {
  heap.charge(text.size() + needle.size(), Work::search);
  if (needle.empty()) return static_cast<int64_t>(count_code_points(text)) + 1;
  int64_t n = 0;
  for (size_t at = find_next(text, needle, 0); at != std::string_view::npos; ++n) {
    at = find_next(text, needle, at + needle.size());
  }
  return n;
}

size_t byte_offset(Heap& heap, std::string_view text, int64_t i, bool ascii) {
  if (ascii) return std::min(text.size(), static_cast<size_t>(i));
  heap.charge(text.size(), Work::search);
  size_t at = 0;
  for (; i > 0 && at < text.size(); --i) at += static_cast<size_t>(decode_utf8(text, at).bytes);
  return at;
}

}  // namespace loam::jinja
