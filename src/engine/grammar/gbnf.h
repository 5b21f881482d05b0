// GBNF: grammars as llama.cpp writes them.
#pragma once

#include <string_view>

#include "engine/grammar/rules.h"

namespace loam {

// Adds the rules; → a call of `root`. Error(grammar_error) with the line.
//   name ::= "literal" [a-z0-9_] [^"\\] . name ( … | … ) x* x+ x? x{2} x{2,} x{2,5} <[7]>   # comment
// Escapes: \n \r \t \" \\ \[ \] \xNN \uNNNN \UNNNNNNNN. <[7]> is the token of this id. A rule ends with its line,
// unless a group is open, or the next alternative begins the next line.
ExpressionId add_gbnf(GrammarRules& rules, std::string_view text);

}  // namespace loam
