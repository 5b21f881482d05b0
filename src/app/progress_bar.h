// A one-line progress bar on standard error, where that is a terminal; silent elsewhere.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace loam {

class ProgressBar {
 public:
  enum class Unit { bytes, tokens, percent };

  // Nothing is shown before `delay`: what is over at once needs no bar.
  ProgressBar(std::string label, Unit unit, std::chrono::milliseconds delay = std::chrono::milliseconds(300));
  ~ProgressBar();  // erases the line
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  void relabel(std::string_view label);
  // `total` 0: unknown. Draws at most ten times a second.
  void update(uint64_t done, uint64_t total);
  void erase();

 private:
  void draw(uint64_t done, uint64_t total, double seconds);

  using Clock = std::chrono::steady_clock;
  std::string label_;
  Unit unit_;
  std::chrono::milliseconds delay_;
  bool enabled_, drawn_ = false;
  Clock::time_point start_, last_;
  uint64_t first_ = 0;  // done at the first update: a resumed download's head start
  bool started_ = false;
};

}  // namespace loam
