// Finds markers in text that comes byte by byte, and holds back what may be the beginning of one.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace loam {

class MarkerMatcher {
 public:
  enum class Status { held, found, text };

  MarkerMatcher() = default;
  // Empty ones are left out. The first of two where one begins with the other wins as soon as it is there.
  explicit MarkerMatcher(std::vector<std::string> markers) : markers_(std::move(markers)) {
    std::erase_if(markers_, [](const std::string& m) { return m.empty(); });
  }

  // `found`: what is held is a marker. `text`: it is none, nor the beginning of one.
  Status push(char c) {
    held_ += c;
    Status status = Status::text;
    for (const std::string& marker : markers_) {
      if (!marker.starts_with(held_)) continue;
      if (marker.size() == held_.size()) return Status::found;
      status = Status::held;
    }
    return status;
  }
  std::string take() { return std::exchange(held_, {}); }

 private:
  std::vector<std::string> markers_;
  std::string held_;
};

}  // namespace loam
