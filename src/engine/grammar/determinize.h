// Expressions as deterministic automata, by the subset construction.
#pragma once

#include "engine/grammar/byte_dfa.h"
#include "engine/grammar/rules.h"

namespace loam {

// The expression has no calls and no special tokens. Error(grammar_error) where that takes too many states.
ByteDfa determinize(const GrammarRules& rules, ExpressionId expression);

}  // namespace loam
