#include "tokenizer/scanners.h"

#include "tokenizer/pre_tokenizers.h"
#include "tokenizer/unicode.h"

namespace loam {
namespace {

constexpr CharClasses kWord = kLetter | kNumber;

bool is_line_end(Char c) { return c.value == '\r' || c.value == '\n'; }

// The end of the run of characters from `i` on that satisfy `accept`, at most `limit` of them.
template <class Accept>
size_t run(std::string_view text, size_t i, Accept&& accept, size_t limit = SIZE_MAX) {
  for (Char c = char_at(text, i); limit > 0 && c && accept(c); c = char_at(text, i), --limit) i += c.bytes;
  return i;
}

size_t run_of(std::string_view text, size_t i, CharClasses any) {
  return run(text, i, [any](Char c) { return c.is(any); });
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

// 's|'t|'re|'ve|'m|'ll|'d: bytes of the contraction at `i`, or 0.
size_t contraction(std::string_view text, size_t i, bool any_case) {
  if (text[i] != '\'' || i + 1 >= text.size()) return 0;
  const auto letter = [&](size_t k) { return k >= text.size() ? '\0' : any_case ? lower(text[k]) : text[k]; };
  const char first = letter(i + 1), second = letter(i + 2);
  if (first == 's' || first == 't' || first == 'm' || first == 'd') return 2;
  const bool two =
      (first == 'r' && second == 'e') || (first == 'v' && second == 'e') || (first == 'l' && second == 'l');
  return two ? 3 : 0;
}

// \s+(?!\S)|\s+: all of a run of white space, but its last character where a word follows and something is left.
size_t spaces(std::string_view text, size_t begin) {
  size_t end = begin, last = begin;
  for (Char c = char_at(text, end); c.is(kSpace); c = char_at(text, end)) {
    last = end;
    end += c.bytes;
  }
  return end < text.size() && last > begin ? last : end;
}

size_t scan_gpt2(std::string_view text, size_t begin) {
  if (const size_t n = contraction(text, begin, false)) return begin + n;
  size_t i = begin;
  Char c = char_at(text, i);
  if (c.value == ' ') {
    const Char next = char_at(text, i + 1);
    if (next && !next.is(kSpace)) {
      c = next;
      ++i;
    }
  }
  if (c.is(kLetter)) return run_of(text, i, kLetter);
  if (c.is(kNumber)) return run_of(text, i, kNumber);
  if (!c.is(kSpace)) return run(text, i, [](Char x) { return !x.is(kWord | kSpace); });
  return spaces(text, begin);
}

// \s*[\r\n]+: up to the last line end of the run of white space at `begin`; `begin` where it has none.
size_t lines(std::string_view text, size_t begin) {
  size_t end = begin;
  for (size_t i = begin;;) {
    const Char c = char_at(text, i);
    if (!c.is(kSpace)) return end;
    i += c.bytes;
    if (is_line_end(c)) end = i;
  }
}

// The family of cl100k: `letters` are what words consist of, numbers come in groups of `max_digits`.
template <CharClasses letters, size_t max_digits>
size_t scan_cl100k(std::string_view text, size_t begin) {
  if (const size_t n = contraction(text, begin, true)) return begin + n;
  const Char c = char_at(text, begin);
  const Char next = char_at(text, begin + c.bytes);
  const bool prefix = !c.is(kWord) && !is_line_end(c);  // [^\r\n\p{L}\p{N}]
  if (prefix && next.is(letters)) return run_of(text, begin + c.bytes, letters);
  if (c.is(letters)) return run_of(text, begin, letters);
  if (c.is(kNumber))
    return run(
        text, begin, [](Char x) { return x.is(kNumber); }, max_digits);
  const auto symbol = [](Char x) { return x && !x.is(kSpace | kNumber | letters); };
  const size_t first = begin + (c.value == ' ' && symbol(next) ? 1 : 0);
  if (symbol(char_at(text, first))) return run(text, run(text, first, symbol), is_line_end);
  const size_t end = lines(text, begin);
  return end > begin ? end : spaces(text, begin);
}

}  // namespace

Scanner find_scanner(std::string_view pattern) {
  if (pattern == kGpt2Pattern) return scan_gpt2;
  if (pattern == kLlama3Pattern) return scan_cl100k<kLetter, 3>;
  if (pattern == kQwen2Pattern) return scan_cl100k<kLetter, 1>;
  if (pattern == kQwen35Pattern) return scan_cl100k<kLetter | kMark, 1>;
  return nullptr;
}

}  // namespace loam
