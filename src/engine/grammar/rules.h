// A grammar's rules as expressions: what every notation (schema, GBNF, regular expression) is read into.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/grammar/byte_dfa.h"
#include "engine/grammar/code_points.h"
#include "tokenizer/tokenizer.h"

namespace loam {

using ExpressionId = int32_t;
using RuleId = int32_t;

inline constexpr int64_t kUnbounded = std::numeric_limits<int64_t>::max();

// An element of a list, `min` to `max` times with a separator between.
struct ListElement {
  ExpressionId expression;
  int64_t min = 1, max = 1;
  ExpressionId another = -1;  // a separator and the element, where there may be several; set by GrammarRules::list
};

// What lists of several elements leave out.
enum class ListKind {
  members,   // any element whose min is 0, as an object's members
  elements,  // the last ones only, as an array's elements
};

class GrammarRules {
 public:
  struct Literal {
    std::string bytes;
  };
  struct Chars {
    CodePointSet set;
  };
  struct Dfa {
    std::shared_ptr<const ByteDfa> automaton;
  };
  struct SpecialToken {
    Token token;
  };
  struct Sequence {
    std::vector<ExpressionId> parts;
  };
  struct Choice {
    std::vector<ExpressionId> parts;
  };
  struct Repeat {
    ExpressionId part;
    int64_t min, max;
  };
  struct List {
    ListKind kind;
    std::vector<ListElement> elements;
    ExpressionId separator;
  };
  struct Call {
    RuleId rule;
  };
  // The part's text as it stands within a JSON string: `"`, `\` and control characters escaped.
  struct JsonText {
    ExpressionId part;
  };
  using Expression = std::variant<Literal, Chars, Dfa, SpecialToken, Sequence, Choice, Repeat, List, Call, JsonText>;

  struct Rule {
    std::string name;
    ExpressionId body = -1;
    // Masks of what goes on within the rule are kept apart from what follows it. It pays where its inside allows many
    // tokens, as a JSON string.
    bool shared_masks = false;
  };

  // Each throws Error(grammar_error) where there are too many, or they stand in each other too deep.
  ExpressionId literal(std::string_view bytes);
  ExpressionId chars(CodePointSet set);
  ExpressionId dfa(ByteDfa automaton);
  ExpressionId token(Token token) { return add(SpecialToken{token}, {}); }
  ExpressionId sequence(std::vector<ExpressionId> parts);
  ExpressionId choice(std::vector<ExpressionId> parts);
  ExpressionId repeat(ExpressionId part, int64_t min, int64_t max);
  ExpressionId list(ListKind kind, std::vector<ListElement> elements, ExpressionId separator);
  ExpressionId call(RuleId rule) { return add(Call{rule}, {}); }
  ExpressionId json_text(ExpressionId part);

  ExpressionId nothing() { return sequence({}); }  // the empty text
  ExpressionId never() { return choice({}); }      // no text at all
  ExpressionId optional(ExpressionId part) { return repeat(part, 0, 1); }
  ExpressionId any_text();  // any valid UTF-8; the same expression each time
  // One of many texts.
  ExpressionId one_of(const std::vector<std::string>& texts) { return dfa(ByteDfa::of(texts)); }

  RuleId add_rule(std::string name);
  void define(RuleId rule, ExpressionId body);
  // Rules that notations share, by name; -1 where there is none yet.
  RuleId find_shared(std::string_view name) const;
  RuleId add_shared(std::string name);

  const Expression& expression(ExpressionId id) const { return expressions_[static_cast<size_t>(id)]; }
  bool is_any_text(ExpressionId id) const { return id == any_text_; }
  // About the number of states that it takes.
  int64_t size_of(ExpressionId id) const { return measure(id).size; }
  // How often its innermost part may be repeated by the counts in it: 6 for ("a"{2} | "b"){3}.
  int64_t repetition_of(ExpressionId id) const { return measure(id).repetition; }
  const std::vector<Rule>& rules() const { return rules_; }

 private:
  struct Measure {
    int height = 0;  // how deep others stand in it
    int64_t size = 1, repetition = 1;
    bool is_wide = false;       // has a part that is any of many characters
    bool repeats_wide = false;  // and repeats it
  };

  ExpressionId add(Expression expression, const Measure& measure);
  Measure measure_of(const std::vector<ExpressionId>& parts) const;
  const Measure& measure(ExpressionId id) const { return measures_[static_cast<size_t>(id)]; }

  std::vector<Expression> expressions_;
  std::vector<Measure> measures_;  // of each expression
  std::vector<Rule> rules_;
  std::vector<RuleId> shared_;
  ExpressionId any_text_ = -1;
};

}  // namespace loam
