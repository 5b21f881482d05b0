// The words of a regular expression: characters, escapes, bracket classes and quantifiers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/grammar/code_points.h"
#include "engine/grammar/rules.h"

namespace loam {

class RegexReader {
 public:
  // Error(grammar_error) where the pattern is longer than the limit or not UTF-8.
  explicit RegexReader(std::string_view pattern);

  struct Count {
    int64_t min, max;
  };

  bool at_end() const { return at_ == pattern_.size(); }
  bool sees(char c) const { return !at_end() && pattern_[at_] == c; }
  bool take(char c) { return sees(c) && (++at_, true); }
  char32_t next();  // Error at the end
  // A number in base 16 of exactly `n_digits`.
  char32_t hexadecimal(int n_digits);
  bool sees_quantifier() const;
  // *, +, ?, {m}, {m,} or {m,n}, with a ? behind it that changes nothing.
  std::optional<Count> take_quantifier();

  [[noreturn]] void fail(const std::string& message) const;

 private:
  // Length of a quantifier in braces; 0 where these braces are ordinary characters.
  size_t braces(Count& count) const;

  std::string_view pattern_;
  size_t at_ = 0;
};

CodePointSet not_line_end();  // what . means
// After a backslash: a character (→ true) or a set.
bool read_escape(RegexReader& reader, CodePointSet& set, std::optional<char32_t>& character);
// After `[`, up to and with `]`.
CodePointSet read_bracket_class(RegexReader& reader);

}  // namespace loam
