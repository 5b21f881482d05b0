#include "app/progress_bar.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "app/terminal.h"
#include "base/human_bytes.h"

namespace loam {
namespace {

constexpr std::chrono::milliseconds kRedraw{100};

std::string amount(uint64_t n, ProgressBar::Unit unit) {
  switch (unit) {
    case ProgressBar::Unit::bytes: return human_bytes(n);
    case ProgressBar::Unit::tokens: return fmt::format("{} tokens", n);
    case ProgressBar::Unit::percent: return fmt::format("{} %", n);
  }
  return "";
}

std::string bar(double fraction, int width) {
  const int filled = static_cast<int>(fraction * width + 0.5);
  std::string text;
  for (int i = 0; i < width; ++i) text += i < filled ? "█" : "░";
  return text;
}

}  // namespace

ProgressBar::ProgressBar(std::string label, Unit unit, std::chrono::milliseconds delay)
    : label_(std::move(label)),
      unit_(unit),
      delay_(delay),
      enabled_(is_terminal(STDERR_FILENO)),
      start_(Clock::now()) {}

ProgressBar::~ProgressBar() { erase(); }

void ProgressBar::relabel(std::string_view label) {
  if (label == label_) return;
  label_ = label;
  started_ = false;
}

void ProgressBar::update(uint64_t done, uint64_t total) {
  if (!enabled_) return;
  const auto now = Clock::now();
  if (!started_) {
    started_ = true;
    first_ = done;
    start_ = now;
  }
  if (now - start_ < delay_ || (drawn_ && now - last_ < kRedraw && done != total)) return;
  last_ = now;
  draw(done, total, std::chrono::duration<double>(now - start_).count());
}

void ProgressBar::draw(uint64_t done, uint64_t total, double seconds) {
  const uint64_t gained = done > first_ ? done - first_ : 0;
  const double rate = seconds > 0 ? static_cast<double>(gained) / seconds : 0;
  std::string line = total ? "" : " " + amount(done, unit_);
  if (total) {
    const double fraction = std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
    line = fmt::format(" {} {:3.0f} %", bar(fraction, 24), 100 * fraction);
    if (unit_ != Unit::percent) line += fmt::format("  {} of {}", amount(done, unit_), amount(total, unit_));
  }
  if (rate > 0 && unit_ != Unit::percent) line += fmt::format("  {}/s", amount(static_cast<uint64_t>(rate), unit_));
  if (rate > 0 && total > done) line += fmt::format("  {:.0f} s left", static_cast<double>(total - done) / rate);
  std::fprintf(stderr, "\r\x1b[K%s%s", label_.c_str(), line.c_str());
  std::fflush(stderr);
  drawn_ = true;
}

void ProgressBar::erase() {
  if (drawn_) std::fputs("\r\x1b[K", stderr);
  drawn_ = false;
}

}  // namespace loam
