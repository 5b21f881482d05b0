// Lets a model think before what it says is held to anything, and ends the thinking when its budget is used up.
#pragma once

#include <cstdint>
#include <memory>

#include "engine/chat/chat_format.h"
#include "engine/token_constraint.h"

namespace loam {

struct ThinkingOptions {
  int64_t budget = -1;        // most tokens of reasoning; -1: no limit
  bool in_reasoning = false;  // the prompt ends inside it
  bool may_open = true;       // else the model may not begin reasoning by itself where `inner` holds it
  bool calls = false;         // tools may be called: after harmony's reasoning, a call may follow instead of the answer
};

// While the model thinks, all is allowed but the end of the text; from the end of its thinking on, what `inner` allows
// (none: everything). The last eighth of a budget, at most 32 tokens, ends with the first sentence or line that ends in
// it; then, or at the budget's end, the tokens that close the reasoning are forced.
// → `inner` itself where the format knows no reasoning, or nothing is to be done. The tokenizer must outlive it.
std::unique_ptr<TokenConstraint> with_thinking(const ChatFormat& format, const Tokenizer& tokenizer,
                                               const ThinkingOptions& options, std::unique_ptr<TokenConstraint> inner);

}  // namespace loam
