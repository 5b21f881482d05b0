// What a generation may say next, token by token: a grammar's state as the sampler sees it.
#pragma once

#include <cstdint>
#include <span>

#include "tokenizer/tokenizer.h"

namespace loam {

// One bit for each token, that of t at t % 64 of word t / 64: [⌈n_vocab / 64⌉], or empty where every token may come.
using TokenMask = std::span<const uint64_t>;

inline bool allows(TokenMask mask, Token token) {
  return mask.empty() || (mask[static_cast<size_t>(token) / 64] >> token % 64 & 1) != 0;
}

class TokenConstraint {
 public:
  virtual ~TokenConstraint() = default;
  // What may come next; end tokens where the text may end here. Never without any bit. Valid until the next call.
  virtual TokenMask allowed() = 0;
  // The token was chosen; it is one of those allowed.
  virtual void accept(Token token) = 0;
};

}  // namespace loam
