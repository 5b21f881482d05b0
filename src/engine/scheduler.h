// Chooses what the next step computes: a token of every sequence that generates, and pieces of the prompts.
#pragma once

#include <cstdint>
#include <span>
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
  // `chunk`: most prompt tokens of a step; ≥1. `draft`: most drafted ones. `logit_rows`: most prompt tokens of a step
  // that are scored; ≥1.
  Scheduler(int chunk, int draft, int64_t logit_rows) : chunk_(chunk), draft_(draft), logit_rows_(logit_rows) {}

  // Every open sequence is started or idle. An idle one keeps its pages until others need them.
  void add_idle(Sequence& sequence);
  void start(Sequence& sequence);
  void stop(Sequence& sequence);    // ends its generation, if any; of those that are idle it was used last
  void forget(Sequence& sequence);  // it is about to be destroyed
  bool empty() const { return started_.empty(); }
  int64_t n_preempted() const { return n_preempted_; }

  // Everybody who generates moves on in every step; what is left of the chunk goes to the prompts, first come first
  // served. Tokens are drafted where their rows are expected to pay.
  Step next();

  // Takes the pages that a sequence which runs on its own needs for its first n tokens, from whoever has them.
  void make_room(Sequence& sequence, int64_t n_tokens);

 private:
  std::vector<Share> plan();
  void draft(Share& share, int64_t n_rows, int64_t most) const;

  // ---- pages (scheduler_pages.cpp) ----
  // Takes the pages of a sequence that has none; false where it has to wait.
  bool admit(Sequence& sequence);
  // Takes the pages for the first n tokens, where need be from others but those that have a share of the step already;
  // false where it has to wait.
  bool take_pages(Sequence& sequence, int64_t n_tokens, std::span<const Share> shares);
  bool reclaim_idle(const Sequence& for_whom);
  bool preempt(const Sequence& for_whom, std::span<const Share> shares);

  const int chunk_, draft_;
  const int64_t logit_rows_;
  std::vector<Sequence*> started_;  // in the order of their start
  std::vector<Sequence*> idle_;     // not started, those used last at the end; they may hold pages
  int64_t n_preempted_ = 0;
};

}  // namespace loam
