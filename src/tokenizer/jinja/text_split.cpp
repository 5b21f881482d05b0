// Cutting texts into parts, and string literals' escapes.
#include <algorithm>

#include "base/utf8.h"
#include "tokenizer/jinja/text.h"

namespace loam::jinja {
namespace {

Parts split_whitespace(Heap& heap, std::string_view text, int64_t limit) {
  heap.charge(text.size(), Work::decode);
  Parts parts;
  std::string_view rest = skip_whitespace(text);
  while (!rest.empty()) {
    if (limit >= 0 && static_cast<int64_t>(parts.size()) == limit) {
      parts.push_back(rest);  // with the whitespace at its end
      break;
    }
    size_t end = 0;
    while (end < rest.size() && !is_space(decode_utf8(rest, end).value)) end += decode_utf8(rest, end).bytes;
    parts.push_back(rest.substr(0, end));
    rest = skip_whitespace(rest.substr(end));
  }
  return parts;
}

Parts rsplit_whitespace(Heap& heap, std::string_view text, int64_t limit) {
  Parts words = split_whitespace(heap, text, -1);
  if (limit < 0 || static_cast<int64_t>(words.size()) <= limit) return words;
  const size_t kept = words.size() - static_cast<size_t>(limit);  // the words that stay together in front
  Parts parts;
  if (kept > 0) {
    const char* begin = text.data();
    const char* end = words[kept - 1].data() + words[kept - 1].size();
    parts.emplace_back(begin, static_cast<size_t>(end - begin));  // with the whitespace at its start
  }
  parts.insert(parts.end(), words.begin() + static_cast<int64_t>(kept), words.end());
  return parts;
}

// Bytes of the line break at text[i], 0 where there is none; str.splitlines() knows ten.
size_t line_break(std::string_view text, size_t i) {
  const CodePoint c = decode_utf8(text, i);
  if (c.value == '\r') return i + 1 < text.size() && text[i + 1] == '\n' ? 2 : 1;
  const bool breaks = (c.value >= 10 && c.value <= 12) || (c.value >= 0x1C && c.value <= 0x1E) || c.value == 0x85 ||
                      c.value == 0x2028 || c.value == 0x2029;
  return breaks ? static_cast<size_t>(c.bytes) : 0;
}

// Reads `n` hex digits at literal[i].
std::optional<char32_t> read_hex(std::string_view literal, size_t i, size_t n) {
  if (literal.size() < i + n) return std::nullopt;
  char32_t value = 0;
  for (const char c : literal.substr(i, n)) {
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) return std::nullopt;
    value = value << 4 | static_cast<char32_t>(digit);
  }
  return value > 0x10FFFF ? std::nullopt : std::optional(value);
}

// One escape whose letter is literal[i]; appends its value and gives the place after it, 0 where it is malformed.
size_t read_escape(std::string& out, std::string_view literal, size_t i) {
  static constexpr std::string_view kLetters = "\\'\"abfnrtv", kValues = "\\'\"\a\b\f\n\r\t\v";
  const char c = literal[i];
  if (c == '\n') return i + 1;
  if (const size_t k = kLetters.find(c); k != std::string_view::npos) {
    out += kValues[k];
    return i + 1;
  }
  if (c == 'x' || c == 'u' || c == 'U') {
    const size_t n = c == 'x' ? 2 : c == 'u' ? 4 : 8;
    const auto value = read_hex(literal, i + 1, n);
    if (value) append_utf8(out, *value);
    return value ? i + 1 + n : 0;
  }
  if (c >= '0' && c <= '7') {
    char32_t value = 0;
    size_t end = i;
    while (end < literal.size() && end < i + 3 && literal[end] >= '0' && literal[end] <= '7') {
      value = value * 8 + static_cast<char32_t>(literal[end++] - '0');
    }
    append_utf8(out, value);
    return end;
  }
  if (c == 'N') return 0;
  out += '\\';  // not an escape: both characters stand
  return i;
}

}  // namespace

Parts split(Heap& heap, std::string_view text, const std::string_view* separator, int64_t limit) {
  if (!separator) return split_whitespace(heap, text, limit);
  heap.charge(text.size() + separator->size(), Work::search);
  Parts parts;
  size_t begin = 0;
  while (limit < 0 || static_cast<int64_t>(parts.size()) < limit) {
    const size_t at = find_next(text, *separator, begin);
    if (at == std::string_view::npos) break;
    heap.step();
    parts.push_back(text.substr(begin, at - begin));
    begin = at + separator->size();
  }
  parts.push_back(text.substr(begin));
  return parts;
}

Parts rsplit(Heap& heap, std::string_view text, const std::string_view* separator, int64_t limit) {
  if (!separator) return rsplit_whitespace(heap, text, limit);
  heap.charge(text.size() + separator->size(), Work::search);
  if (limit < 0) limit = INT64_MAX;
  // Mirrored, the cuts from the right are the cuts from the left.
  const std::string backwards(text.rbegin(), text.rend()), mirrored(separator->rbegin(), separator->rend());
  const std::string_view key = mirrored;
  Parts parts;
  for (const std::string_view part : split(heap, backwards, &key, limit)) {
    const size_t end = text.size() - static_cast<size_t>(part.data() - backwards.data());
    parts.push_back(text.substr(end - part.size(), part.size()));
  }
  std::reverse(parts.begin(), parts.end());
  return parts;
}

Parts split_lines(Heap& heap, std::string_view text, bool keep_ends) {
  heap.charge(text.size(), Work::decode);
  Parts lines;
  size_t begin = 0;
  for (size_t i = 0; i < text.size();) {
    const size_t n = line_break(text, i);
    if (n > 0) {
      lines.push_back(text.substr(begin, i - begin + (keep_ends ? n : 0)));
      begin = i + n;
    }
    i += n > 0 ? n : static_cast<size_t>(decode_utf8(text, i).bytes);
  }
  if (begin < text.size()) lines.push_back(text.substr(begin));
  return lines;
}

std::optional<std::string> unescape(std::string_view literal) {
  std::string out;
  for (size_t i = 0; i < literal.size();) {
    if (literal[i] != '\\') {
      out += literal[i++];
      continue;
    }
    if (i + 1 >= literal.size()) return std::nullopt;
    const size_t next = read_escape(out, literal, i + 1);
    if (next == 0) return std::nullopt;
    i = next;
  }
  return out;
}

}  // namespace loam::jinja
