// Drafter: guesses how a text goes on, so that the model can check several tokens in one step instead of computing them
// in a step each (speculative decoding: Leviathan et al., ICML 2023).
#pragma once

#include <span>
#include <vector>

#include "tokenizer/tokenizer.h"

namespace loam {

// How a generation's guesses turned out.
struct DraftCounts {
  int64_t drafted = 0, accepted = 0;  // tokens that were checked; those that the model chose too
};

// One sequence's. Whatever it proposes, the text is the same; only the speed depends on it.
class Drafter {
 public:
  virtual ~Drafter() = default;
  // Up to n tokens that may follow `tokens`, the whole sequence so far; fewer, or none, where it has no guess. With
  // n = 0 it only reads along.
  virtual std::vector<Token> propose(std::span<const Token> tokens, int n) = 0;
  // Time to propose one token, in single-token steps of the model that it is for.
  virtual double cost() const = 0;
};

}  // namespace loam
