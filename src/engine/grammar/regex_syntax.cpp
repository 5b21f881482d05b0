#include "engine/grammar/regex_syntax.h"

#include <fmt/format.h>

#include <optional>
#include <string>

#include "base/error.h"
#include "base/utf8.h"
#include "engine/grammar/limits.h"
#include "engine/grammar/regex_classes.h"

namespace loam {
namespace {

class RegexParser {
 public:
  RegexParser(GrammarRules& rules, std::string_view pattern, RegexScope scope)
      : rules_(rules), reader_(pattern), scope_(scope) {}

  ExpressionId parse() {
    std::vector<ExpressionId> alternatives;
    do {
      alternatives.push_back(outermost_alternative());
    } while (reader_.take('|'));
    if (!reader_.at_end()) reader_.fail("')' without '('");
    return rules_.choice(std::move(alternatives));
  }

 private:
  ExpressionId outermost_alternative() {
    const bool from_start = reader_.take('^');
    const ExpressionId body = alternative();
    const bool to_end = reader_.take('$');
    if (!reader_.at_end() && !reader_.sees('|') && !reader_.sees(')')) {
      reader_.fail("'$' can stand only at the end of the expression or of an outermost alternative");
    }
    if (scope_ == RegexScope::whole) return body;
    std::vector<ExpressionId> parts;
    if (!from_start) parts.push_back(rules_.any_text());
    parts.push_back(body);
    if (!to_end) parts.push_back(rules_.any_text());
    return rules_.sequence(std::move(parts));
  }

  ExpressionId group_body() {
    if (++depth_ > grammar_limits::kNesting) {
      reader_.fail(fmt::format("groups stand more than {} deep in each other", grammar_limits::kNesting));
    }
    std::vector<ExpressionId> alternatives;
    do {
      alternatives.push_back(alternative());
    } while (reader_.take('|'));
    if (reader_.sees('$')) reader_.fail("'$' within a group is not supported");
    if (!reader_.take(')')) reader_.fail("a group is not closed");
    --depth_;
    return rules_.choice(std::move(alternatives));
  }

  // Terms up to `|`, `)`, `$` or the end. Characters that stand side by side are one literal.
  ExpressionId alternative() {
    std::vector<ExpressionId> terms;
    std::string literal;
    const auto flush = [&] {
      if (!literal.empty()) terms.push_back(rules_.literal(literal));
      literal.clear();
    };
    while (!reader_.at_end() && !reader_.sees('|') && !reader_.sees(')') && !reader_.sees('$')) {
      std::optional<char32_t> character;
      const ExpressionId atom = read_atom(character);
      if (character && !reader_.sees_quantifier()) {
        append_utf8(literal, *character);
        continue;
      }
      flush();
      terms.push_back(quantified(character ? rules_.literal(to_utf8(*character)) : atom));
    }
    flush();
    return rules_.sequence(std::move(terms));
  }

  // Either sets `character` or returns an expression.
  ExpressionId read_atom(std::optional<char32_t>& character) {
    if (reader_.take('(')) {
      open_group();
      return group_body();
    }
    if (reader_.take('[')) return rules_.chars(read_bracket_class(reader_));
    if (reader_.take('.')) return rules_.chars(not_line_end());
    if (reader_.sees('^')) {
      reader_.fail("'^' can stand only at the beginning of the expression or of an outermost alternative");
    }
    if (reader_.sees_quantifier()) reader_.fail("a quantifier has nothing to repeat");
    if (!reader_.take('\\')) {
      character = reader_.next();
      return -1;
    }
    CodePointSet set;
    if (!read_escape(reader_, set, character)) return rules_.chars(std::move(set));
    return -1;
  }

  void open_group() {
    if (!reader_.take('?')) return;
    if (reader_.take(':')) return;
    reader_.take('P');
    if (!reader_.take('<') || reader_.sees('=') || reader_.sees('!')) {
      reader_.fail("lookaround, atomic groups and flags '(?…' are not supported: no finite automaton has them");
    }
    while (!reader_.at_end() && !reader_.take('>')) reader_.next();
  }

  ExpressionId quantified(ExpressionId atom) {
    while (const auto count = reader_.take_quantifier()) {
      if (count->max != kUnbounded && count->min > count->max) reader_.fail("the least count is above the most");
      const ExpressionId repeated = rules_.repeat(atom, count->min, count->max);
      if (rules_.repetition_of(repeated) > grammar_limits::kRepetition) {
        reader_.fail(fmt::format("a repetition of {} times; the limit is {}, counts within counts multiplied",
                                 rules_.repetition_of(repeated), grammar_limits::kRepetition));
      }
      atom = repeated;
    }
    return atom;
  }

  GrammarRules& rules_;
  RegexReader reader_;
  const RegexScope scope_;
  int depth_ = 0;
};

}  // namespace

ExpressionId add_regex(GrammarRules& rules, std::string_view pattern, RegexScope scope) {
  return RegexParser(rules, pattern, scope).parse();
}

}  // namespace loam
