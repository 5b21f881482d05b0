// Who gets the cache's pages. A sequence that has none is admitted once there is room for all of its tokens, and takes
// pages only from sequences that do not run. From then on it needs one page more every kPageTokens tokens, and
// takes it from those after it in the order of the fair queue: the first always moves on.
#include <algorithm>

#include "base/error.h"
#include "engine/sequence_state.h"

namespace loam {

bool Scheduler::ready(Sequence& sequence, bool& others_wait) {
  Sequence::State& s = *sequence.state_;
  if (!s.pages->stands_at(s.n_processed)) s.lose_state();  // something failed between a step and its end
  if (!s.admitted && (others_wait || !admit(sequence))) {
    others_wait = true;
    return false;
  }
  if (s.loading) s.load_pages(s.reusable_end());
  if (s.loading) return false;
  s.reuse_pages();  // that others have filled meanwhile
  return true;
}

bool Scheduler::admit(Sequence& sequence) {
  Sequence::State& s = *sequence.state_;
  s.reuse_pages();
  while (!s.pages->admit(s.size()))
    if (!reclaim_idle(sequence)) {
      s.give_up_pages();
      return false;
    }
  return s.admitted = s.loading = true;
}

bool Scheduler::take_pages(Sequence& sequence, int64_t n_tokens, std::span<const Share> shares) {
  while (!sequence.state_->pages->reserve(n_tokens))
    if (!reclaim_idle(sequence) && !preempt(sequence, shares)) return false;
  return true;
}

void Scheduler::make_room(Sequence& sequence, int64_t n_tokens) { LOAM_CHECK(take_pages(sequence, n_tokens, {})); }

// Takes the pages of the sequence that has been idle longest, else of the last that waits for its turn to run.
bool Scheduler::reclaim_idle(const Sequence& for_whom) {
  const auto reclaim = [&](Sequence* sequence) {
    if (sequence == &for_whom || sequence->state_->pages->empty()) return false;
    sequence->state_->give_up_pages();
    return true;
  };
  const auto n_waiting = static_cast<std::ptrdiff_t>(started_.size() - n_running_);
  return std::ranges::any_of(idle_, reclaim) || std::any_of(started_.rbegin(), started_.rbegin() + n_waiting, reclaim);
}

// Takes the pages of the last sequence, after the one that needs them; of any where that one is not started.
bool Scheduler::preempt(const Sequence& for_whom, std::span<const Share> shares) {
  for (auto victim = started_.rbegin(); victim != started_.rend() && *victim != &for_whom; ++victim) {
    Sequence::State& s = *(*victim)->state_;
    if (s.pages->empty() || std::ranges::find(shares, *victim, &Share::sequence) != shares.end()) continue;
    s.give_up_pages();
    ++n_preempted_;
    return true;
  }
  return false;
}

}  // namespace loam
