// Regular expressions in the syntax of ECMAScript and JSON schema, as far as they describe regular languages.
#pragma once

#include <string_view>

#include "engine/grammar/rules.h"

namespace loam {

enum class RegexScope {
  whole,     // the text as a whole matches
  anywhere,  // a part of the text matches, as `pattern` means it; ^ and $ tie it to the text's ends
};

// Adds the expression. Error(grammar_error) with the offset: for what is not well-formed, and for lookaround,
// back-references and word boundaries, which no finite automaton has.
//   . is any character but line ends; \d, \w are ASCII, \s as in ECMAScript; \p{L} is a general category of Unicode.
//   ^ and $ may stand at the beginning and the end of the expression or of one of its outermost alternatives.
ExpressionId add_regex(GrammarRules& rules, std::string_view pattern, RegexScope scope);

}  // namespace loam
