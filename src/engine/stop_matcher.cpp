#include "engine/stop_matcher.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace loam {
namespace {

// Length of the longest end of `text` that begins, and does not complete, `stop`.
size_t begun_length(std::string_view text, std::string_view stop) {
  for (size_t n = std::min(text.size(), stop.size() - 1); n > 0; --n)
    if (text.ends_with(stop.substr(0, n))) return n;
  return 0;
}

}  // namespace

std::string StopMatcher::push(std::string_view piece) {
  n_pushed_ += piece.size();
  if (stopped()) return {};
  held_ += piece;
  std::tuple first(std::string::npos, std::string::npos, -1);  // end, begin and index of the stop that ends first
  size_t begun = 0;
  for (size_t i = 0; i < stops_.size(); ++i) {
    const size_t at = held_.find(stops_[i]);
    if (at != std::string::npos) first = std::min(first, std::tuple(at + stops_[i].size(), at, static_cast<int>(i)));
    begun = std::max(begun, begun_length(held_, stops_[i]));
  }
  const auto [end, begin, index] = first;
  stopped_ = index;
  std::string shown = held_.substr(0, !stopped() ? held_.size() - begun : include_ ? end : begin);
  held_.erase(0, stopped() ? held_.size() : shown.size());
  n_shown_ += shown.size();
  return shown;
}

std::string StopMatcher::finish() {
  n_shown_ += held_.size();
  return std::exchange(held_, {});
}

}  // namespace loam
