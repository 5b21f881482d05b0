// JSON texts as expressions: values of each type, and what objects, arrays and strings are made of.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "engine/grammar/rules.h"

namespace loam {

// Of a number: before the point, and after it.
inline constexpr int64_t kMostDigits = 19, kMostDecimals = 20;

// White space stands where programs that write JSON put it: after `{`, `[`, `,` and `:`, before `}` and `]`; one space,
// or a line end and an indentation. It ends by itself, so that a model cannot go on with spaces for ever.
class JsonRules {
 public:
  explicit JsonRules(GrammarRules& rules) : rules_(rules) {}

  ExpressionId value();
  ExpressionId object();
  ExpressionId array();
  ExpressionId string();   // every escape; \u escapes in pairs where one half alone is no character
  ExpressionId number();   // up to 19 digits before the point and 20 after it, an exponent that a double can have
  ExpressionId integer();  // up to 19 digits
  ExpressionId boolean();
  ExpressionId null();

  // A string of min to max characters.
  ExpressionId string(int64_t min, int64_t max);
  // A string whose characters, after unescaping, match the expression.
  ExpressionId string_of(ExpressionId text);
  // `key` is a string.
  ExpressionId member(ExpressionId key, ExpressionId value);
  ExpressionId object_of(std::vector<ListElement> members);
  ExpressionId array_of(std::vector<ListElement> elements);
  // The value itself, with white space as anywhere.
  ExpressionId constant(const nlohmann::ordered_json& value);

 private:
  template <class Define>
  ExpressionId shared(const char* name, Define define);

  ExpressionId chars(std::initializer_list<CodePointRange> ranges);
  ExpressionId digits(int64_t min, int64_t max);
  ExpressionId space();
  ExpressionId separator();
  ExpressionId quoted(ExpressionId text);
  ExpressionId plain_character();  // one that stands for itself
  ExpressionId escape();           // what follows a backslash
  ExpressionId any_character();
  ExpressionId exponent();

  GrammarRules& rules_;
};

}  // namespace loam
