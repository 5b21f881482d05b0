// DraftPolicy: how many tokens are worth drafting, from how many were right lately.
#pragma once

#include <cstdint>

namespace loam {

// With p the share of drafted tokens that are right, a step of n other rows and k drafted ones brings n + p + … + pᵏ
// tokens. The policy picks the k for which that is most for the time, and pauses where that is 0. A pause is twice as
// long each time that another try fails, so that a text which cannot be guessed loses next to nothing.
class DraftPolicy {
 public:
  // `most`: of the tokens drafted in a step. `cost`: Drafter::cost.
  DraftPolicy(int most, double cost) : most_(most), cost_(cost) {}

  // For the next step of one sequence; `n_rows` rows are in it already.
  int length(int64_t n_rows);
  void record(int64_t drafted, int64_t accepted);

 private:
  double right_share() const { return right_ / (right_ + wrong_); }
  int best_length(int64_t n_rows) const;

  static constexpr double kRight = 1.4, kWrong = 0.6;  // what is assumed before anything is known
  static constexpr int kShortPause = 16, kLongPause = 512;

  const int most_;
  const double cost_;
  double right_ = kRight, wrong_ = kWrong;  // tokens, the older ones counted less
  int pause_ = kShortPause, pause_left_ = 0;
};

}  // namespace loam
