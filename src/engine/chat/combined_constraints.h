// Constraints put together from others.
#pragma once

#include <memory>
#include <vector>

#include "engine/token_constraint.h"

namespace loam {

// One of two: what either allows, until one of them no longer goes along.
std::unique_ptr<TokenConstraint> either(std::unique_ptr<TokenConstraint> a, std::unique_ptr<TokenConstraint> b);

// First these tokens, then what `rest` allows.
std::unique_ptr<TokenConstraint> behind(std::vector<Token> tokens, int n_vocab, std::unique_ptr<TokenConstraint> rest);

}  // namespace loam
