#include "engine/grammar/regex_classes.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/utf8.h"
#include "engine/grammar/limits.h"

namespace loam {
namespace {

bool is_digit(char c) { return '0' <= c && c <= '9'; }

const CodePointSet& digits() {
  static const CodePointSet kDigits({{'0', '9'}});
  return kDigits;
}
const CodePointSet& word_characters() {
  static const CodePointSet kWord({{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}});
  return kWord;
}
// ECMAScript's WhiteSpace and LineTerminator.
const CodePointSet& spaces() {
  static const CodePointSet kSpaces({{9, 13},
                                     {' ', ' '},
                                     {0xA0, 0xA0},
                                     {0x1680, 0x1680},
                                     {0x2000, 0x200A},
                                     {0x2028, 0x2029},
                                     {0x202F, 0x202F},
                                     {0x205F, 0x205F},
                                     {0x3000, 0x3000},
                                     {0xFEFF, 0xFEFF}});
  return kSpaces;
}

// \p{L} or \p{General_Category=L}, after the p.
CodePointSet read_category(RegexReader& reader) {
  std::string name;
  if (!reader.take('{')) reader.fail("\\p needs a name in braces, such as \\p{L}");
  while (!reader.sees('}')) append_utf8(name, reader.next());
  reader.take('}');
  if (const size_t equals = name.find('='); equals != std::string::npos) name.erase(0, equals + 1);
  CodePointSet set = CodePointSet::category(name);
  if (set.empty()) reader.fail(fmt::format("\\p{{{}}} is no general category of Unicode", escape_control(name)));
  return set;
}

// After \u: four digits, two such halves of a pair, or a number in braces.
char32_t read_unicode(RegexReader& reader) {
  if (reader.take('{')) {
    char32_t value = 0;
    while (!reader.take('}')) {
      value = value * 16 + reader.hexadecimal(1);
      if (value > 0x10FFFF) reader.fail("a code point above U+10FFFF");
    }
    if (value >= 0xD800 && value <= 0xDFFF) reader.fail("a surrogate is no character");
    return value;
  }
  const char32_t unit = reader.hexadecimal(4);
  if (unit >= 0xDC00 && unit <= 0xDFFF) reader.fail("a low surrogate without its high one");
  if (unit < 0xD800 || unit > 0xDBFF) return unit;
  if (!reader.take('\\') || !reader.take('u')) reader.fail("a high surrogate without its low one");
  const char32_t low = reader.hexadecimal(4);
  if (low < 0xDC00 || low > 0xDFFF) reader.fail("a high surrogate without its low one");
  return 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
}

std::optional<char32_t> control_escape(char32_t c) {
  switch (c) {
    case 't': return U'\t';
    case 'n': return U'\n';
    case 'r': return U'\r';
    case 'f': return U'\f';
    case 'v': return U'\v';
    case '0': return U'\0';
    case 'a': return U'\a';
    default: return std::nullopt;
  }
}

}  // namespace

RegexReader::RegexReader(std::string_view pattern) : pattern_(pattern) {
  if (pattern.size() > grammar_limits::kSourceBytes) {
    throw Error(Error::Code::grammar_error, fmt::format("the regular expression has {} bytes; the limit is {}",
                                                        pattern.size(), grammar_limits::kSourceBytes));
  }
  if (!is_valid_utf8(pattern)) throw Error(Error::Code::grammar_error, "the regular expression is not valid UTF-8");
}

void RegexReader::fail(const std::string& message) const {
  throw Error(Error::Code::grammar_error, "regular expression: " + message, fmt::format("offset {}", at_));
}

char32_t RegexReader::next() {
  if (at_end()) fail("it ends too early");
  const CodePoint c = decode_utf8(pattern_, at_);
  at_ += static_cast<size_t>(c.bytes);
  return c.value;
}

char32_t RegexReader::hexadecimal(int n_digits) {
  char32_t value = 0;
  for (int i = 0; i < n_digits; ++i) {
    const char32_t c = next();
    const char32_t lower = c | 0x20;
    if (c >= '0' && c <= '9') {
      value = value * 16 + (c - '0');
    } else if (lower >= 'a' && lower <= 'f') {
      value = value * 16 + (lower - 'a' + 10);
    } else {
      fail("a hexadecimal digit is expected");
    }
  }
  return value;
}

size_t RegexReader::braces(Count& count) const {
  size_t i = at_ + 1;
  const auto number = [&]() -> std::optional<int64_t> {
    if (i >= pattern_.size() || !is_digit(pattern_[i])) return std::nullopt;
    int64_t value = 0;
    for (; i < pattern_.size() && is_digit(pattern_[i]); ++i) {
      value = std::min<int64_t>(value * 10 + (pattern_[i] - '0'), INT32_MAX);
    }
    return value;
  };
  const auto min = number();
  if (!min) return 0;
  count = {*min, *min};
  if (i < pattern_.size() && pattern_[i] == ',') {
    ++i;
    count.max = number().value_or(kUnbounded);
  }
  return i < pattern_.size() && pattern_[i] == '}' ? i + 1 - at_ : 0;
}

bool RegexReader::sees_quantifier() const {
  Count count;
  return sees('*') || sees('+') || sees('?') || (sees('{') && braces(count) > 0);
}

std::optional<RegexReader::Count> RegexReader::take_quantifier() {
  Count count{0, kUnbounded};
  if (take('+')) {
    count.min = 1;
  } else if (take('?')) {
    count.max = 1;
  } else if (!take('*')) {
    const size_t length = sees('{') ? braces(count) : 0;
    if (length == 0) return std::nullopt;
    at_ += length;
  }
  take('?');  // the shortest or the longest match: the texts are the same
  if (sees('+')) fail("possessive quantifiers are not supported");
  return count;
}

CodePointSet not_line_end() { return CodePointSet({{'\n', '\n'}, {'\r', '\r'}, {0x2028, 0x2029}}).complement(); }

bool read_escape(RegexReader& reader, CodePointSet& set, std::optional<char32_t>& character) {
  const char32_t c = reader.next();
  switch (c) {
    case 'd': set = digits(); return false;
    case 'D': set = digits().complement(); return false;
    case 'w': set = word_characters(); return false;
    case 'W': set = word_characters().complement(); return false;
    case 's': set = spaces(); return false;
    case 'S': set = spaces().complement(); return false;
    case 'p': set = read_category(reader); return false;
    case 'P': set = read_category(reader).complement(); return false;
    case 'x': character = reader.hexadecimal(2); return true;
    case 'u': character = read_unicode(reader); return true;
    case 'c': character = reader.next() & 31; return true;
    case 'b':
    case 'B': reader.fail("word boundaries '\\b' are not supported");
    default: break;
  }
  if (c >= '1' && c <= '9') reader.fail("back-references are not supported: no finite automaton has them");
  character = control_escape(c);
  if (character) return true;
  if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
    reader.fail(fmt::format("unknown escape '\\{}'", static_cast<char>(c)));
  }
  character = c;
  return true;
}

CodePointSet read_bracket_class(RegexReader& reader) {
  const bool negated = reader.take('^');
  std::vector<CodePointRange> ranges;
  // A character, or nothing where a set was read and added.
  const auto read_one = [&]() -> std::optional<char32_t> {
    if (!reader.take('\\')) return reader.next();
    if (reader.take('b')) return U'\b';
    CodePointSet set;
    std::optional<char32_t> character;
    if (!read_escape(reader, set, character)) ranges.insert(ranges.end(), set.ranges().begin(), set.ranges().end());
    return character;
  };
  while (!reader.take(']')) {
    if (reader.at_end()) reader.fail("a class '[' is not closed");
    const auto first = read_one();
    if (!first) continue;
    if (!reader.take('-')) {
      ranges.push_back({*first, *first});
      continue;
    }
    if (reader.sees(']')) {  // a hyphen at the end stands for itself
      ranges.push_back({*first, *first});
      ranges.push_back({'-', '-'});
      continue;
    }
    const auto last = read_one();
    if (!last || *last < *first) reader.fail("a range in a class is out of order");
    ranges.push_back({*first, *last});
  }
  const CodePointSet set(std::move(ranges));
  return negated ? set.complement() : set;
}

}  // namespace loam
