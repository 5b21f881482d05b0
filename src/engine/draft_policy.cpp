#include "engine/draft_policy.h"

#include <algorithm>

namespace loam {
namespace {

// Time of a row beside others, in single-token steps, as measured on dense models (docs/decisions/drafts.md).
constexpr double kRowCost = 0.25;
constexpr double kFading = 0.8;  // weight of what was counted, at each draft that follows

}  // namespace

int DraftPolicy::best_length(int64_t n_rows) const {
  double tokens = static_cast<double>(n_rows), seconds = 1 + kRowCost * (tokens - 1), right = 1;
  double best_speed = tokens / seconds;
  int best = 0;
  for (int k = 1; k <= most_; ++k) {
    tokens += right *= right_share();
    seconds += kRowCost + cost_;
    if (tokens / seconds > best_speed) best = k, best_speed = tokens / seconds;
  }
  return best;
}

int DraftPolicy::length(int64_t n_rows) {
  if (pause_left_ > 0) return --pause_left_, 0;
  return best_length(n_rows);
}

// The first wrong token says that it is wrong; those behind it say nothing.
void DraftPolicy::record(int64_t drafted, int64_t accepted) {
  right_ = kFading * right_ + static_cast<double>(accepted);
  wrong_ = kFading * wrong_ + (accepted < drafted ? 1 : 0);
  if (accepted == drafted) pause_ = std::max(kShortPause, pause_ / 2);
  if (best_length(1) > 0) return;
  pause_left_ = pause_;
  pause_ = std::min(kLongPause, 2 * pause_);
  right_ = kRight, wrong_ = kWrong;
}

}  // namespace loam
