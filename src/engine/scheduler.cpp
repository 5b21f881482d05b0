#include "engine/scheduler.h"

#include <algorithm>

#include "engine/sequence_state.h"

namespace loam {

void Scheduler::add_idle(Sequence& sequence) { idle_.push_back(&sequence); }

void Scheduler::start(Sequence& sequence, const std::string& user, double weight, int priority) {
  forget(sequence);
  started_.push_back(&sequence);
  fair_.add({.id = sequence.number(),
             .user = user,
             .weight = weight,
             .priority = priority,
             .n_prompt = sequence.state_->n_unknown()});
}

void Scheduler::stop(Sequence& sequence) {
  forget(sequence);
  Sequence::State& s = *sequence.state_;
  s.generation.reset();
  s.admitted = s.loading = false;
  s.rest();
  idle_.push_back(&sequence);
}

void Scheduler::forget(Sequence& sequence) {
  fair_.remove(sequence.number());
  const auto place = std::ranges::find(started_, &sequence);
  if (place - started_.begin() < static_cast<std::ptrdiff_t>(n_running_)) --n_running_;
  if (place != started_.end()) started_.erase(place);
  std::erase(idle_, &sequence);
}

void Scheduler::put_in_order() {
  fair_.admit();
  n_running_ = 0;
  for (const int64_t number : fair_.order()) {
    const auto rest = started_.begin() + static_cast<std::ptrdiff_t>(n_running_++);
    const auto it = std::find_if(rest, started_.end(), [&](const Sequence* s) { return s->number() == number; });
    std::rotate(rest, it, it + 1);
  }
}

std::vector<Share> Scheduler::plan(bool alone) {
  put_in_order();
  std::vector<Share> shares;
  int64_t left = alone ? limits_.chunk : chunk_.rows(started_.size() > 1), logits_left = limits_.logit_rows;
  bool others_wait = false;  // for admission: nobody overtakes them
  for (Sequence* sequence : std::span(started_).first(n_running_)) {
    Sequence::State& s = *sequence->state_;
    if ((left == 0 && (s.n_pending() > 1 || s.generation->block)) || !ready(*sequence, others_wait)) continue;
    if (s.generation->block) {
      const auto whole = plan_whole(*sequence, shares.empty() ? INT64_MAX : left);
      if (!whole) continue;
      const int64_t n_rows = whole->n_rows + std::ssize(whole->drafted);
      if (!take_pages(*sequence, n_rows, shares)) continue;
      shares.push_back(*whole);
      left = std::max<int64_t>(0, left - n_rows);
      continue;
    }
    const bool generates = s.n_pending() == 1;
    int64_t n = generates ? 1 : std::min(left, s.n_pending());
    const int64_t n_unscored = s.generation->n_unscored(s.n_processed);
    n = std::min({n, n_unscored + logits_left, s.pages->rows_until_snapshot(s.n_processed)});
    if (n == 0 || !take_pages(*sequence, s.n_processed + n, shares)) continue;
    if (!generates) left -= n;
    const bool samples = n == s.n_pending();
    const int64_t n_scored = std::max<int64_t>(0, n - n_unscored);
    logits_left -= n_scored;
    shares.push_back({.sequence = sequence,
                      .n_rows = n,
                      .n_logits = std::max<int64_t>(n_scored, samples),
                      .reads_prompt = !generates,
                      .samples = samples});
  }
  return shares;
}

// A text of a diffusion model, and as its drafted tokens the block that is being filled in; none where they are more
// than `left` rows.
std::optional<Share> Scheduler::plan_whole(Sequence& sequence, int64_t left) const {
  Sequence::State& s = *sequence.state_;
  Generation& g = *s.generation;
  if (g.block->empty()) {
    int64_t n = std::min(MaskedBlock::kMostTokens, s.context - s.size());
    if (g.max_tokens >= 0) n = std::clamp<int64_t>(g.max_tokens - g.n_generated, 1, n);
    g.block->begin(n);
  }
  if (s.size() + std::ssize(g.block->tokens()) > left) return std::nullopt;
  return Share{.sequence = &sequence,
               .n_rows = s.size(),
               .n_logits = 1,
               .reads_prompt = true,
               .samples = true,
               .drafted = g.block->tokens()};
}

// `n_rows`: of the step so far. `most`: tokens that may be drafted.
void Scheduler::draft(Share& share, int64_t n_rows, int64_t most) const {
  Sequence::State& s = *share.sequence->state_;
  if (!s.drafter) return;
  Generation& g = *s.generation;
  const auto known = std::span(s.tokens).first(static_cast<size_t>(s.n_processed + share.n_rows));
  if (share.n_rows > 1 || !share.samples) {  // a prompt
    s.drafter->propose(known, 0);
    return;
  }
  if (g.max_tokens >= 0) most = std::min(most, g.max_tokens - g.n_generated - 1);
  most = std::min({most, int64_t{g.drafting.length(n_rows)}, s.context - s.size(), int64_t{limits_.chunk} - 1});
  if (most <= 0) return;
  share.drafted = s.drafter->propose(known, static_cast<int>(most));
  if (share.drafted.empty()) return;
  if (g.constraint && !allows(g.constraint->allowed(), share.drafted.front())) return share.drafted.clear();
  // Pages that another sequence may need for its next token are left to it.
  if (started_.size() == 1) s.pages->reserve(s.size() + std::ssize(share.drafted));
  const auto room = static_cast<size_t>(s.pages->n_tokens() - s.size());
  share.drafted.resize(std::min(share.drafted.size(), room));
}

Step Scheduler::next(bool alone) {
  Step step{.batch = {}, .shares = plan(alone)};
  while (step.shares.empty() && std::ranges::any_of(started_, [](const Sequence* s) { return s->state_->loading; }))
    step.shares = plan(alone);
  int64_t n_rows = 0, left = limits_.draft;
  for (const Share& share : step.shares) n_rows += share.n_rows;
  for (Share& share : step.shares) {
    draft(share, n_rows, left);
    n_rows += std::ssize(share.drafted);
    left -= std::ssize(share.drafted);
  }
  for (const Share& share : step.shares) {
    Sequence::State& s = *share.sequence->state_;
    s.add_rows(step.batch, share.n_rows, s.n_processed + share.n_rows - share.n_logits, share.drafted);
  }
  return step;
}

void Scheduler::computed(const Step& step) {
  for (const Share& share : step.shares)
    fair_.read(share.sequence->number(), share.n_rows, share.sequence->state_->n_pending() - share.n_rows);
}

void Scheduler::ended(const Step& step, double seconds) {
  int64_t n_read = 0;
  for (const Share& share : step.shares)
    if (share.reads_prompt) n_read += share.n_rows;
  chunk_.measured(n_read, seconds);
  fair_.passed(seconds);
}

}  // namespace loam
