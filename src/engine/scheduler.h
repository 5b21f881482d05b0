// Chooses what the next step computes: a token of every sequence that generates, and pieces of the prompts.
#pragma once

#include <cstdint>
#include <vector>

#include "ops/batch.h"

namespace loam {

class Sequence;

// A sequence's share of a step.
struct Share {
  Sequence* sequence = nullptr;
  int64_t n_rows = 0;
  int64_t n_logits = 0;               // of its rows, the last ones, that want logits
  bool samples = false;               // its last pending token is in the batch: the next token follows from its logits
  std::vector<int32_t> drafted = {};  // rows behind its own, with logits too: guesses of the tokens that follow
};

// Logits stand in the shares' order: those of a share's own rows, then those of what is drafted for it.
struct Step {
  Batch batch;
  std::vector<Share> shares;
};

class Scheduler {
 public:
  // `chunk`: most prompt tokens of a step; ≥1. `draft`: most drafted ones. `context`: most tokens of a sequence.
  // `logit_rows`: most prompt tokens of a step that are scored; ≥1.
  Scheduler(int chunk, int draft, int64_t context, int64_t logit_rows)
      : chunk_(chunk), draft_(draft), context_(context), logit_rows_(logit_rows) {}

  void add(Sequence& sequence) { started_.push_back(&sequence); }
  void remove(Sequence& sequence);  // and ends its generation; nothing where it is not started
  bool empty() const { return started_.empty(); }

  // Everybody who generates moves on in every step; what is left of the chunk goes to the prompts, first come first
  // served. Tokens are drafted where their rows are expected to pay.
  Step next() const;

 private:
  std::vector<Share> plan() const;
  void draft(Share& share, int64_t n_rows, int64_t most) const;

  const int chunk_, draft_;
  const int64_t context_, logit_rows_;
  std::vector<Sequence*> started_;  // in the order of their start
};

}  // namespace loam
