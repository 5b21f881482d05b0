// What a generation may say next, token by token: a grammar's state as the sampler sees it.
#pragma once

#include <cstdint>
#include <span>

#include "tokenizer/tokenizer.h"

namespace loam {

class TokenConstraint {
 public:
  virtual ~TokenConstraint() = default;
  // [⌈n_vocab / 64⌉] words, bit t % 64 of word t / 64 set where token t may come next; end tokens where the text may
  // end here. Empty: every token may. Never without any bit. Valid until the next call.
  virtual std::span<const uint64_t> allowed() = 0;
  // The token was chosen; it is one of those allowed.
  virtual void accept(Token token) = 0;
};

}  // namespace loam
