#include "engine/stop_matcher.h"

#include <algorithm>
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
  if (stopped_) return {};
  if (stops_.empty()) return std::string(piece);
  held_ += piece;
  auto first = std::pair(std::string::npos, std::string::npos);  // end and begin of the stop that is complete first
  size_t begun = 0;
  for (const std::string& stop : stops_) {
    const size_t at = held_.find(stop);
    if (at != std::string::npos) first = std::min(first, std::pair(at + stop.size(), at));
    begun = std::max(begun, begun_length(held_, stop));
  }
  stopped_ = first.first != std::string::npos;
  std::string shown = held_.substr(0, stopped_ ? first.second : held_.size() - begun);
  held_.erase(0, stopped_ ? held_.size() : shown.size());
  return shown;
}

std::string StopMatcher::finish() { return std::exchange(held_, {}); }

}  // namespace loam
