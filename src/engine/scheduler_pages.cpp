// Who gets the cache's pages. A sequence that has none is admitted once there is room for all of its tokens, and takes
// pages only from sequences that are not started. From then on it needs one page more every kPageTokens tokens, and
// takes it from those started after it: the first one started always moves on.
#include <algorithm>

#include "base/error.h"
#include "engine/sequence_state.h"

namespace loam {

bool Scheduler::take_pages(Sequence& sequence, int64_t n_tokens, std::span<const Share> shares) {
  while (!sequence.state_->pages->reserve(n_tokens))
    if (!reclaim_idle(sequence) && !preempt(sequence, shares)) return false;
  return true;
}

bool Scheduler::admit(Sequence& sequence) {
  Sequence::State& s = *sequence.state_;
  while (!s.pages->admit(s.size()))
    if (!reclaim_idle(sequence)) return false;
  return true;
}

void Scheduler::make_room(Sequence& sequence, int64_t n_tokens) { LOAM_CHECK(take_pages(sequence, n_tokens, {})); }

// Takes the pages of the sequence that has been idle longest.
bool Scheduler::reclaim_idle(const Sequence& for_whom) {
  for (Sequence* sequence : idle_) {
    if (sequence == &for_whom || sequence->state_->pages->empty()) continue;
    sequence->state_->give_up_pages();
    return true;
  }
  return false;
}

// Takes the pages of the sequence that was started last, after the one that needs them; of any where that one is not
// started.
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
