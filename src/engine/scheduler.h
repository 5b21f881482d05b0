// Chooses what the next step computes: a token of every sequence that generates, and pieces of the prompts.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/chunk_size.h"
#include "engine/fair_queue.h"
#include "ops/batch.h"

namespace loam {

class Sequence;

// A sequence's share of a step.
struct Share {
  Sequence* sequence = nullptr;
  int64_t n_rows = 0;
  int64_t n_logits = 0;               // of its rows, the last ones, that want logits
  bool reads_prompt = false;          // more than the newest token
  bool samples = false;               // its last pending token is in the batch: the next token follows from its logits
  std::vector<int32_t> drafted = {};  // rows behind its own, with logits too: guesses of the tokens that follow
};

// Logits stand in the shares' order: those of a share's own rows, then those of what is drafted for it.
struct Step {
  Batch batch;
  std::vector<Share> shares;
};

struct SchedulerLimits {
  int chunk = 512;         // most prompt tokens of a step; ≥1
  int draft = 8;           // most drafted ones
  int64_t logit_rows = 1;  // most prompt tokens of a step that are scored; ≥1
  int slots = 0;           // most sequences that run at once; 0: no bound
};

class Scheduler {
 public:
  explicit Scheduler(const SchedulerLimits& limits) : limits_(limits), fair_(limits.slots), chunk_(limits.chunk) {}

  // Every open sequence is started or idle. An idle one keeps its pages until others need them.
  void add_idle(Sequence& sequence);
  void start(Sequence& sequence, const std::string& user, double weight, int priority);
  void stop(Sequence& sequence);    // ends its generation, if any; of those that are idle it was used last
  void forget(Sequence& sequence);  // it is about to be destroyed
  bool empty() const { return started_.empty(); }
  int64_t n_preempted() const { return n_preempted_; }

  // Everybody who runs and generates moves on in every step; prompts are read in the order of the fair queue, as much
  // as fits the time of a step: all of `chunk` where nobody else can come (`alone`). Tokens are drafted where their
  // rows are expected to pay.
  Step next(bool alone);
  void computed(const Step& step);               // its rows are in the cache
  void ended(const Step& step, double seconds);  // and it took so long, with the sampling

  // Takes the pages that a sequence which runs on its own needs for its first n tokens, from whoever has them.
  void make_room(Sequence& sequence, int64_t n_tokens);

 private:
  void put_in_order();
  std::vector<Share> plan(bool alone);
  void draft(Share& share, int64_t n_rows, int64_t most) const;
  std::optional<Share> plan_whole(Sequence& sequence, int64_t left) const;

  // ---- pages (scheduler_pages.cpp) ----
  // Whether a sequence may take part in a step; false where it waits to be admitted. It may not overtake others.
  bool ready(Sequence& sequence, bool& others_wait);
  // Takes the pages for all its tokens.
  bool admit(Sequence& sequence);
  // Takes the pages for the first n tokens, where need be from others but those that have a share of the step already;
  // false where it has to wait.
  bool take_pages(Sequence& sequence, int64_t n_tokens, std::span<const Share> shares);
  bool reclaim_idle(const Sequence& for_whom);
  bool preempt(const Sequence& for_whom, std::span<const Share> shares);

  const SchedulerLimits limits_;
  FairQueue fair_;
  ChunkSize chunk_;
  std::vector<Sequence*> started_;  // those that run, in the order of the fair queue, then those that wait
  size_t n_running_ = 0;
  std::vector<Sequence*> idle_;  // not started, those used last at the end; they may hold pages
  int64_t n_preempted_ = 0;
};

}  // namespace loam
