// Finds stop strings in text that comes in pieces, and holds back what may be the beginning of one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace loam {

class StopMatcher {
 public:
  // `include`: the stop string that ends the text is part of it.
  explicit StopMatcher(std::vector<std::string> stops, bool include = false)
      : stops_(std::move(stops)), include_(include) {}

  // → the text that can be shown now. After the first stop string is complete, `stopped` and nothing more comes out:
  // neither what follows it nor, unless included, the stop string.
  std::string push(std::string_view piece);
  // What is still held back when no more text comes.
  std::string finish();
  bool stopped() const { return stopped_ >= 0; }
  int stopped_by() const { return stopped_; }             // index of the stop string; -1 before
  size_t n_held() const { return n_pushed_ - n_shown_; }  // bytes that came in and not, or not yet, out

 private:
  std::vector<std::string> stops_;
  std::string held_;  // ends in a beginning of a stop string
  bool include_;
  int stopped_ = -1;
  size_t n_pushed_ = 0, n_shown_ = 0;
};

}  // namespace loam
