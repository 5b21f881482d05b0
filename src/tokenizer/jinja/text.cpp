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

void append_title(std::string& out, char32_t c) {
  if (special_upper(c).empty()) {
    append_utf8(out, static_cast<char32_t>(utf8proc_totitle(static_cast<utf8proc_int32_t>(c))));
    return;
  }
  std::string upper;
  append_upper(upper, c);  // ß → Ss, ﬁ → Fi
  const size_t first = static_cast<size_t>(decode_utf8(upper, 0).bytes);
  out += upper.substr(0, first) + lower(std::string_view(upper).substr(first));
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

bool contains(std::string_view chars, char32_t c) { return chars.find(to_utf8(c)) != std::string_view::npos; }

// The code point that ends at `end`, looking no further back than `begin`.
CodePoint last_code_point(std::string_view text, size_t end) {
  for (size_t back = 2; back <= 4 && back <= end; ++back) {
    const CodePoint c = decode_utf8(text.substr(0, end), end - back);
    if (c.valid && static_cast<size_t>(c.bytes) == back) return c;
  }
  return decode_utf8(text, end - 1);
}

}  // namespace

bool is_space(char32_t c) {
  return (c >= 9 && c <= 13) || (c >= 0x1C && c <= 0x20) || c == 0x85 || c == 0xA0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
}

bool is_printable(char32_t c) {
  if (c == ' ') return true;
  const auto k = category(c);
  return k >= UTF8PROC_CATEGORY_LU && k <= UTF8PROC_CATEGORY_SO;
}

bool all_are(std::string_view text, CharacterClass kind) {
  bool all = !text.empty();
  for_each(text, [&](char32_t c) { all = all && is_in_class(c, kind); });
  return all;
}

bool is_cased(std::string_view text, bool upper) {
  bool any = false, none_other = true;
  for_each(text, [&](char32_t c) {
    any = any || (upper ? is_upper_letter(c) : is_lower_letter(c));
    none_other = none_other && !(upper ? is_lower_letter(c) : is_upper_letter(c));
    none_other = none_other && category(c) != UTF8PROC_CATEGORY_LT;
  });
  return any && none_other;
}

std::string_view skip_whitespace(std::string_view text) { return strip(text, nullptr, true, false); }

std::string_view strip(std::string_view text, const std::string_view* chars, bool left, bool right) {
  const auto goes = [&](char32_t c) { return chars ? contains(*chars, c) : is_space(c); };
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

std::string upper(std::string_view text) {
  std::string out;
  for_each(text, [&](char32_t c) { append_upper(out, c); });
  return out;
}

std::string lower(std::string_view text) {
  std::string out;
  const std::vector<char32_t> points = code_points(text);
  for (size_t i = 0; i < points.size(); ++i) append_lower(out, points, i);
  return out;
}

std::string capitalize(std::string_view text) {
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

std::string title(std::string_view text) {
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

std::string swapcase(std::string_view text) {
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
size_t find(std::string_view text, std::string_view needle, size_t from) {
  if (from > text.size()) return std::string_view::npos;
  if (needle.empty()) return from;
  const void* at = memmem(text.data() + from, text.size() - from, needle.data(), needle.size());
  return at ? static_cast<size_t>(static_cast<const char*>(at) - text.data()) : std::string_view::npos;
}

size_t rfind(std::string_view text, std::string_view needle) {
  const std::string backwards(text.rbegin(), text.rend()), mirrored(needle.rbegin(), needle.rend());
  const size_t at = find(backwards, mirrored);
  return at == std::string_view::npos ? at : text.size() - needle.size() - at;
}

int64_t count(std::string_view text, std::string_view needle) {
  if (needle.empty()) return static_cast<int64_t>(count_code_points(text)) + 1;
  int64_t n = 0;
  for (size_t at = find(text, needle); at != std::string_view::npos; at = find(text, needle, at + needle.size())) ++n;
  return n;
}

size_t byte_offset(std::string_view text, int64_t i, bool ascii) {
  if (ascii) return std::min(text.size(), static_cast<size_t>(i));
  size_t at = 0;
  for (; i > 0 && at < text.size(); --i) at += static_cast<size_t>(decode_utf8(text, at).bytes);
  return at;
}

}  // namespace loam::jinja
