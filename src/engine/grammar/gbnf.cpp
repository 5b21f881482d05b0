#include "engine/grammar/gbnf.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/utf8.h"
#include "engine/grammar/limits.h"

namespace loam {
namespace {

bool is_name_character(char c) {
  return ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z') || ('0' <= c && c <= '9') || c == '-' || c == '_';
}

class GbnfParser {
 public:
  GbnfParser(GrammarRules& rules, std::string_view text) : rules_(rules), text_(text) {}

  ExpressionId parse() {
    for (skip(true); !at_end(); skip(true)) read_rule();
    for (const auto& [name, rule] : named_) {
      if (rules_.rules()[static_cast<size_t>(rule.id)].body >= 0) continue;
      line_ = rule.line;
      fail(fmt::format("rule '{}' is not defined", name));
    }
    const auto root = named_.find("root");
    if (root == named_.end()) fail("there is no rule 'root'");
    return rules_.call(root->second.id);
  }

 private:
  struct Named {
    RuleId id;
    int line;  // where it was named first
  };

  [[noreturn]] void fail(const std::string& message) const {
    throw Error(Error::Code::grammar_error, "grammar: " + message, fmt::format("line {}", line_));
  }

  // The next character, as a message can hold it.
  std::string next_shown() const {
    const auto bytes = static_cast<size_t>(decode_utf8(text_, at_).bytes);
    return escape_control(sanitize_utf8(text_.substr(at_, bytes)));
  }

  bool at_end() const { return at_ == text_.size(); }
  bool sees(std::string_view word) const { return text_.substr(at_).starts_with(word); }
  bool take(std::string_view word) { return sees(word) && (at_ += word.size(), true); }

  // Spaces and comments, and line ends where they mean nothing.
  void skip(bool lines) {
    while (!at_end()) {
      const char c = text_[at_];
      if (c == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (c == ' ' || c == '\t' || c == '\r' || (lines && c == '\n')) {
        line_ += c == '\n';
        ++at_;
      } else {
        return;
      }
    }
  }

  std::string read_name() {
    const size_t begin = at_;
    while (!at_end() && is_name_character(text_[at_])) ++at_;
    return std::string(text_.substr(begin, at_ - begin));
  }

  RuleId rule_named(const std::string& name) {
    const auto at = named_.find(name);
    if (at != named_.end()) return at->second.id;
    return named_.emplace(name, Named{rules_.add_rule(name), line_}).first->second.id;
  }

  void read_rule() {
    const std::string name = read_name();
    if (name.empty()) fail(fmt::format("a rule's name is expected, not '{}'", next_shown()));
    skip(false);
    if (!take("::=")) fail(fmt::format("'::=' is expected after the rule's name '{}'", name));
    const RuleId rule = rule_named(name);
    if (rules_.rules()[static_cast<size_t>(rule)].body >= 0) fail(fmt::format("rule '{}' is defined twice", name));
    skip(true);
    rules_.define(rule, read_alternatives(0));
    skip(false);
    if (!at_end() && !sees("\n")) {
      fail(fmt::format("'{}' does not belong here", next_shown()));
    }
  }

  ExpressionId read_alternatives(int depth) {
    if (depth > grammar_limits::kNesting) {
      fail(fmt::format("groups stand more than {} deep in each other", grammar_limits::kNesting));
    }
    std::vector<ExpressionId> alternatives{read_sequence(depth)};
    while (take_bar()) {
      skip(true);
      alternatives.push_back(read_sequence(depth));
    }
    return rules_.choice(std::move(alternatives));
  }

  // A bar, in this line or at the beginning of the next that is not empty.
  bool take_bar() {
    const size_t at = at_;
    const int line = line_;
    skip(true);
    if (take("|")) return true;
    at_ = at;
    line_ = line;
    return false;
  }

  ExpressionId read_sequence(int depth) {
    std::vector<ExpressionId> parts;
    for (skip(depth > 0); !at_end(); skip(depth > 0)) {
      const auto part = read_item(depth);
      if (!part) break;
      parts.push_back(read_quantifiers(*part));
    }
    return rules_.sequence(std::move(parts));
  }

  std::optional<ExpressionId> read_item(int depth) {
    if (take("\"")) return read_literal();
    if (take("[")) return read_class();
    if (take("<[")) return read_token();
    if (take(".")) return rules_.chars(CodePointSet::all());
    if (take("(")) {
      const ExpressionId group = read_alternatives(depth + 1);
      skip(true);
      if (!take(")")) fail("a group '(' is not closed");
      return group;
    }
    if (!is_name_character(text_[at_])) return std::nullopt;
    return rules_.call(rule_named(read_name()));
  }

  ExpressionId read_literal() {
    std::string bytes;
    while (!take("\"")) append_utf8(bytes, read_character("a literal '\"'"));
    return rules_.literal(bytes);
  }

  ExpressionId read_class() {
    const bool negated = take("^");
    std::vector<CodePointRange> ranges;
    while (!take("]")) {
      const char32_t first = read_character("a class '['");
      char32_t last = first;
      if (sees("-") && !sees("-]")) {
        take("-");
        last = read_character("a class '['");
      }
      if (last < first) fail("a range in a class is out of order");
      ranges.push_back({first, last});
    }
    const CodePointSet set(std::move(ranges));
    return rules_.chars(negated ? set.complement() : set);
  }

  ExpressionId read_token() {
    const auto id = read_number();
    if (!id || *id > INT32_MAX || !take("]>")) fail("a token is written <[7]>, with its id");
    return rules_.token(static_cast<Token>(*id));
  }

  char32_t read_character(const char* within) {
    if (at_end() || sees("\n")) fail(fmt::format("{} is not closed", within));
    if (take("\\")) return read_escape();
    const CodePoint c = decode_utf8(text_, at_);
    if (!c.valid) fail("the text is not valid UTF-8");
    at_ += static_cast<size_t>(c.bytes);
    return c.value;
  }

  char32_t read_escape() {
    static constexpr std::pair<char, char32_t> kCharacters[] = {{'n', '\n'}, {'r', '\r'},  {'t', '\t'},
                                                                {'"', '"'},  {'\\', '\\'}, {'[', '['},
                                                                {']', ']'},  {'-', '-'},   {'^', '^'}};
    const char c = at_end() ? '\0' : text_[at_++];
    if (c == 'x') return read_hexadecimal(2);
    if (c == 'u') return read_hexadecimal(4);
    if (c == 'U') return read_hexadecimal(8);
    for (const auto& [letter, value] : kCharacters) {
      if (letter == c) return value;
    }
    fail("unknown escape after a backslash");
  }

  char32_t read_hexadecimal(int n_digits) {
    uint64_t value = 0;
    for (int i = 0; i < n_digits; ++i) {
      static constexpr std::string_view kDigits = "0123456789abcdef";
      const size_t digit = at_end() ? kDigits.npos : kDigits.find(static_cast<char>(text_[at_] | 0x20));
      if (digit == kDigits.npos) fail(fmt::format("{} hexadecimal digits are expected", n_digits));
      value = value * 16 + digit;
      ++at_;
    }
    if (value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) fail(fmt::format("U+{:X} is no character", value));
    return static_cast<char32_t>(value);
  }

  std::optional<int64_t> read_number() {
    const size_t begin = at_;
    int64_t value = 0;
    for (; !at_end() && '0' <= text_[at_] && text_[at_] <= '9'; ++at_) {
      value = std::min<int64_t>(value * 10 + (text_[at_] - '0'), int64_t{1} << 40);
    }
    if (at_ == begin) return std::nullopt;
    return value;
  }

  ExpressionId read_quantifiers(ExpressionId part) {
    while (true) {
      skip(false);
      int64_t min = 0, max = kUnbounded;
      if (take("+")) {
        min = 1;
      } else if (take("?")) {
        max = 1;
      } else if (take("{")) {
        read_counts(min, max);
      } else if (!take("*")) {
        return part;
      }
      part = rules_.repeat(part, min, max);
      if (rules_.repetition_of(part) > grammar_limits::kRepetition) {
        fail(fmt::format("a repetition of {} times; the limit is {}, counts within counts multiplied",
                         rules_.repetition_of(part), grammar_limits::kRepetition));
      }
    }
  }

  void read_counts(int64_t& min, int64_t& max) {
    skip(false);
    const auto least = read_number();
    skip(false);
    min = least.value_or(0);
    max = min;
    const bool has_comma = take(",");
    if (has_comma) {
      skip(false);
      max = read_number().value_or(kUnbounded);
      skip(false);
    }
    if (!take("}") || (!least && !has_comma)) fail("counts are written {2}, {2,} or {2,5}");
    if (min > max) fail(fmt::format("a repetition of at least {} and at most {}", min, max));
  }

  GrammarRules& rules_;
  std::string_view text_;
  size_t at_ = 0;
  int line_ = 1;
  std::map<std::string, Named> named_;
};

}  // namespace

ExpressionId add_gbnf(GrammarRules& rules, std::string_view text) {
  if (text.size() > grammar_limits::kSourceBytes) {
    throw Error(Error::Code::grammar_error,
                fmt::format("the grammar has {} bytes; the limit is {}", text.size(), grammar_limits::kSourceBytes));
  }
  return GbnfParser(rules, text).parse();
}

}  // namespace loam
