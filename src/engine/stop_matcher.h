// Finds stop strings in text that comes in pieces, and holds back what may be the beginning of one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace loam {

class StopMatcher {
 public:
  explicit StopMatcher(std::vector<std::string> stops) : stops_(std::move(stops)) {}

  // → the text that can be shown now. After the first stop string is complete, `stopped` and nothing more comes out:
  // neither the stop string nor what follows it.
  std::string push(std::string_view piece);
  // What is still held back when no more text comes.
  std::string finish();
  bool stopped() const { return stopped_; }

 private:
  std::vector<std::string> stops_;
  std::string held_;  // ends in a beginning of a stop string
  bool stopped_ = false;
};

}  // namespace loam
