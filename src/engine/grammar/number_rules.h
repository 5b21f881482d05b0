// JSON numbers within bounds, exactly, digit by digit.
#pragma once

#include <optional>
#include <vector>

#include "engine/grammar/decimal.h"
#include "engine/grammar/rules.h"

namespace loam {

struct NumberBounds {
  struct Bound {
    Decimal value;
    bool exclusive = false;
  };
  std::optional<Bound> least, most;
  std::vector<Decimal> multiples;  // the number is a multiple of each; none is 0 or negative

  bool any() const { return least || most || !multiples.empty(); }
  // Keeps the narrower bound.
  void raise_least(const Bound& bound);
  void lower_most(const Bound& bound);
};

// Numbers without exponent, up to 19 digits before the point and 20 after it; `whole`: without a point.
// Error(grammar_error) for multiples whose remainders are too many to follow.
ExpressionId add_number(GrammarRules& rules, const NumberBounds& bounds, bool whole);

}  // namespace loam
