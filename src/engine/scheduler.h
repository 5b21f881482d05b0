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
  bool samples = false;  // its last pending token is in the batch: the next token follows from its logits
};

// The logits of the shares that sample stand in the shares' order.
struct Step {
  Batch batch;
  std::vector<Share> shares;
};

class Scheduler {
 public:
  // `chunk`: most prompt tokens of a step; ≥1.
  explicit Scheduler(int chunk) : chunk_(chunk) {}

  void add(Sequence& sequence) { started_.push_back(&sequence); }
  void remove(Sequence& sequence);  // and ends its generation; nothing where it is not started
  bool empty() const { return started_.empty(); }

  // Everybody who generates moves on in every step; what is left of the chunk goes to the prompts, first come first
  // served.
  Step next() const;

 private:
  const int chunk_;
  std::vector<Sequence*> started_;  // in the order of their start
};

}  // namespace loam
