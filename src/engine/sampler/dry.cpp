#include "engine/sampler/dry.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <unordered_map>

namespace loam {

Dry::Dry(const SamplingOptions& o, std::function<std::string(Token)> piece_of)
    : multiplier_(o.dry_multiplier),
      base_(o.dry_base),
      allowed_(static_cast<size_t>(o.dry_allowed_length)),
      window_(o.dry_penalty_last_n < 0 ? SIZE_MAX : static_cast<size_t>(o.dry_penalty_last_n)),
      breakers_(piece_of ? o.dry_sequence_breakers : std::vector<std::string>{}),
      piece_of_(std::move(piece_of)) {
  for (const std::string& b : breakers_) longest_breaker_ = std::max(longest_breaker_, b.size());
}

// Notes where breakers end.
void Dry::read(std::span<const Token> tokens) {
  if (breakers_.empty()) return;
  for (const Token token : tokens) {
    ++n_read_;
    const std::string text = tail_ + piece_of_(token);
    const auto ends_here = [&](const std::string& breaker) {
      const size_t first = tail_.size() >= breaker.size() ? tail_.size() - breaker.size() + 1 : 0;
      return text.find(breaker, first) != std::string::npos;
    };
    if (std::ranges::any_of(breakers_, ends_here)) last_break_ = n_read_;
    tail_ = text.substr(text.size() - std::min(text.size(), longest_breaker_ - 1));
  }
}

bool Dry::holds_breaker(Token token) const {
  if (breakers_.empty()) return false;
  const std::string piece = piece_of_(token);
  return std::ranges::any_of(breakers_, [&](const std::string& b) { return piece.find(b) != std::string::npos; });
}

// The Z function of the window read backwards, in linear time: [from, to) is the match that reaches furthest.
void Dry::measure_repeats(std::span<const Token> window) {
  const size_t n = window.size();
  const auto back = [&](size_t i) { return window[n - 1 - i]; };
  repeats_.assign(n, 0);
  for (size_t k = 1, from = 0, to = 0; k < n; ++k) {
    size_t& length = repeats_[k];
    if (k < to) length = std::min(repeats_[k - from], to - k);
    while (k + length < n && back(length) == back(k + length)) ++length;
    if (k + length > to) from = k, to = k + length;
  }
}

void Dry::apply(std::span<float> logits, std::span<const Token> history) {
  if (multiplier_ == 0 || window_ == 0) return;
  read(history.subspan(std::min(n_read_, history.size())));
  const size_t limit = history.size() - last_break_;
  if (limit < allowed_) return;
  const auto window = history.last(std::min(window_, history.size()));
  measure_repeats(window);
  std::unordered_map<Token, size_t> longest;
  for (size_t k = 1; k < window.size(); ++k)
    if (const size_t n = std::min(repeats_[k], limit); n >= allowed_) {
      size_t& most = longest[window[window.size() - k]];
      most = std::max(most, n);
    }
  for (const auto& [token, n] : longest) {
    if (holds_breaker(token)) continue;
    const double penalty = multiplier_ * std::pow(double{base_}, static_cast<double>(n - allowed_));
    logits[static_cast<size_t>(token)] -=
        static_cast<float>(std::min<double>(penalty, std::numeric_limits<float>::max()));
  }
}

}  // namespace loam
