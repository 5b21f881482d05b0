#include "engine/scheduler.h"

#include <algorithm>

#include "engine/sequence_state.h"

namespace loam {

void Scheduler::remove(Sequence& sequence) {
  std::erase(started_, &sequence);
  sequence.state_->generation.reset();
}

Step Scheduler::next() const {
  Step step;
  int64_t left = chunk_;
  for (Sequence* sequence : started_) {
    Sequence::State& s = *sequence->state_;
    const bool generates = s.n_pending() == 1;
    const int64_t n = generates ? 1 : std::min(left, s.n_pending());
    if (n == 0) continue;
    if (!generates) left -= n;
    s.add_rows(step.batch, n, s.size() - 1);
    step.shares.push_back({.sequence = sequence, .n_rows = n, .samples = n == s.n_pending()});
  }
  return step;
}

}  // namespace loam
