// What the engine knows of a sequence: its tokens, its cache pages, and the generation that runs on it.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "engine/draft_policy.h"
#include "engine/engine.h"
#include "engine/masked_block.h"
#include "engine/sampler.h"
#include "engine/scheduler.h"
#include "engine/sequence_pages.h"
#include "engine/stop_matcher.h"

namespace loam {

// From Engine::start to the finish.
struct Generation {
  Sampler sampler;
  StreamDecoder decoder;
  StopMatcher stops;
  DraftPolicy drafting;
  std::shared_ptr<TokenConstraint> constraint;
  std::vector<Token> ends;  // besides the tokenizer's
  int64_t max_tokens = -1;
  int64_t n_generated = 0;
  int logprobs = -1, prompt_logprobs = -1;
  int64_t next_scored = 0, prompt_end = 0;  // prompt tokens, by place in the sequence, that are still to be scored
  std::optional<MaskedBlock> block;         // what a diffusion model writes next; none: token by token

  bool scores_prompt() const { return prompt_logprobs >= 0 && next_scored < prompt_end; }
  // Rows from the `position` on whose logits score no token of the prompt.
  int64_t n_unscored(int64_t position) const {
    return scores_prompt() ? std::max<int64_t>(0, next_scored - 1 - position) : INT64_MAX / 2;
  }
};

struct Sequence::State {
  std::shared_ptr<Scheduler> scheduler;
  int number = 0;
  SequenceOptions options;
  int64_t context = 0;  // most tokens
  std::vector<Token> tokens;
  int64_t n_processed = 0;
  std::unique_ptr<SequencePages> pages;
  bool admitted = false;                 // started, and there was room for all of its tokens
  bool loading = false;                  // the disk may hold more of them
  std::optional<Generation> generation;  // while started
  int64_t n_prompt = 0, n_read = 0;      // of the last generation: tokens before it; how many of them were computed
  std::unique_ptr<Drafter> drafter;      // none: nothing is drafted
  DraftCounts drafts;

  int64_t size() const { return static_cast<int64_t>(tokens.size()); }
  int64_t n_pending() const { return size() - n_processed; }

  // Takes pages that the cache holds for the pending tokens before `limit`.
  void reuse_pages(int64_t limit);
  // Takes those that it may.
  void reuse_pages();
  // The same from the disk, some of them at a time, until `loading` is over.
  void load_pages(int64_t limit);
  int64_t n_unknown();  // tokens that must be computed, as the cache stands now
  // The logits of the last token, and of those that are to be scored, are needed: what the cache may serve ends before.
  int64_t reusable_end() const;
  // It may end here: names what it holds, for others that go on from here.
  void rest();
  // Gives back all pages: its tokens are pending again.
  void give_up_pages();
  // A step has computed n more rows, which `n_processed` is yet to count.
  void moved(int64_t n_rows) { pages->moved(n_processed + n_rows); }
  // A step that it had a share of has failed: what has a state begins anew, from the last snapshot.
  void lose_state();
  // Adds the next n pending tokens to the batch, and `drafted` behind them; logits are wanted for those at
  // `first_logit` and after.
  void add_rows(Batch& batch, int64_t n, int64_t first_logit, std::span<const Token> drafted = {});
  // Ends a step: n more tokens are cached, and pages beyond the sequence, taken for drafts, are given back.
  void advance(int64_t n);
};

}  // namespace loam
