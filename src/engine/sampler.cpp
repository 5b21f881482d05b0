#include "engine/sampler.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/error.h"

namespace loam {
namespace {

constexpr float kMinusInfinity = -std::numeric_limits<float>::infinity();
constexpr size_t kMaxStops = 64, kMaxStopBytes = 4096;

[[noreturn]] void fail(const char* parameter, const std::string& message) {
  throw Error(Error::Code::invalid, fmt::format("{} {}", parameter, message), parameter);
}

void check_range(const char* parameter, double value, double min, double max) {
  if (!(value >= min && value <= max))  // NaN fails
    fail(parameter, max == std::numeric_limits<float>::max()
                        ? fmt::format("is {}; expected a number from {}", value, min)
                        : fmt::format("is {}; expected a number from {} to {}", value, min, max));
}

// Index of the largest number, the first among equals; -1 where all are −inf or NaN.
Token largest(std::span<const float> logits) {
  Token best = -1;
  float most = kMinusInfinity;
  for (size_t i = 0; i < logits.size(); ++i)
    if (logits[i] > most) {
      most = logits[i];
      best = static_cast<Token>(i);
    }
  return best;
}

}  // namespace

void SamplingOptions::validate(int64_t n_vocab) const {
  constexpr float kMost = std::numeric_limits<float>::max();
  check_range("temperature", temperature, 0, kMost);
  check_range("top_k", top_k, 0, INT32_MAX);
  check_range("top_p", top_p, 0, 1);
  check_range("min_p", min_p, 0, 1);
  check_range("repeat_penalty", repeat_penalty, std::numeric_limits<float>::min(), kMost);
  check_range("presence_penalty", presence_penalty, -kMost, kMost);
  check_range("frequency_penalty", frequency_penalty, -kMost, kMost);
  check_range("penalty_window", penalty_window, -1, INT32_MAX);
  if (max_tokens < -1) fail("max_tokens", fmt::format("is {}; expected -1 or more", max_tokens));
  for (const auto& [token, bias] : logit_bias) {
    if (token < 0 || token >= n_vocab)
      fail("logit_bias", fmt::format("names token {}; the vocabulary has 0 to {}", token, n_vocab - 1));
    if (std::isnan(bias)) fail("logit_bias", fmt::format("of token {} is not a number", token));
  }
  if (stop.size() > kMaxStops)
    fail("stop", fmt::format("has {} strings; at most {} are taken", stop.size(), kMaxStops));
  for (const std::string& s : stop)
    if (s.empty() || s.size() > kMaxStopBytes)
      fail("stop", fmt::format("holds a string of {} bytes; expected 1 to {}", s.size(), kMaxStopBytes));
}

Sampler::Sampler(SamplingOptions options, int64_t n_vocab)
    : options_(std::move(options)), random_state_(options_.seed), counts_(static_cast<size_t>(n_vocab)) {
  options_.validate(n_vocab);
}

Token Sampler::sample(std::span<const float> logits, std::span<const Token> history) {
  LOAM_CHECK(logits.size() == counts_.size());
  work_.assign(logits.begin(), logits.end());
  apply_penalties(history);
  apply_bias();
  const Token best = largest(work_);
  if (best < 0) return std::max(0, largest(logits));
  if (options_.temperature == 0) return best;

  gather_top_k();
  keep_top_p();
  keep_min_p();
  return draw();
}

void Sampler::apply_penalties(std::span<const Token> history) {
  if (options_.repeat_penalty == 1 && options_.presence_penalty == 0 && options_.frequency_penalty == 0) return;
  if (options_.penalty_window >= 0)
    history = history.last(std::min<size_t>(history.size(), static_cast<size_t>(options_.penalty_window)));
  for (const Token t : history) ++counts_[static_cast<size_t>(t)];
  for (const Token t : history) {
    int32_t& count = counts_[static_cast<size_t>(t)];
    if (count == 0) continue;  // seen already
    float& logit = work_[static_cast<size_t>(t)];
    logit = logit > 0 ? logit / options_.repeat_penalty : logit * options_.repeat_penalty;
    logit -= options_.presence_penalty + options_.frequency_penalty * static_cast<float>(count);
    count = 0;
  }
}

void Sampler::apply_bias() {
  for (const auto& [token, bias] : options_.logit_bias) work_[static_cast<size_t>(token)] += bias;
}

// The largest first, the lower id among equals.
bool Sampler::before(const Candidate& a, const Candidate& b) {
  return a.logit > b.logit || (a.logit == b.logit && a.token < b.token);
}

// Brings the n largest to the front, in order.
void Sampler::sort_first(size_t n) {
  n = std::min(n, candidates_.size());
  if (n <= n_sorted_) return;
  const auto at = [&](size_t i) { return candidates_.begin() + static_cast<std::ptrdiff_t>(i); };
  std::partial_sort(at(n_sorted_), at(n), candidates_.end(), before);
  n_sorted_ = n;
}

// One pass with a heap whose front is the worst of the k best so far: nearly every logit is dismissed by one
// comparison.
void Sampler::gather_top_k() {
  const size_t k = options_.top_k > 0 ? static_cast<size_t>(options_.top_k) : work_.size();
  candidates_.clear();
  for (size_t i = 0; i < work_.size(); ++i) {
    if (!(work_[i] > (candidates_.size() < k ? kMinusInfinity : candidates_.front().logit))) continue;
    const Candidate c{std::min(work_[i], std::numeric_limits<float>::max()), static_cast<Token>(i), 0};
    if (candidates_.size() == k) {
      std::ranges::pop_heap(candidates_, before);
      candidates_.pop_back();
    }
    candidates_.push_back(c);
    if (options_.top_k > 0) std::ranges::push_heap(candidates_, before);
  }
  n_sorted_ = 0;
  if (options_.top_k > 0) sort_first(candidates_.size());
}

// Sorts only as far as the probability reaches: for most texts some dozens out of a quarter of a million.
void Sampler::keep_top_p() {
  if (options_.top_p >= 1) return;
  sort_first(1);
  const double most = candidates_[0].logit;
  double total = 0;
  for (Candidate& c : candidates_) total += c.probability = std::exp(c.logit - most);
  double sum = 0;
  for (size_t i = 0; i < candidates_.size(); ++i) {
    if (i == n_sorted_) sort_first(4 * std::max<size_t>(16, n_sorted_));
    sum += candidates_[i].probability;
    if (sum >= options_.top_p * total) return candidates_.resize(i + 1);
  }
}

void Sampler::keep_min_p() {
  if (options_.min_p <= 0) return;
  const double most = std::ranges::max_element(candidates_, {}, &Candidate::logit)->logit;
  const double least = most + std::log(static_cast<double>(options_.min_p));
  std::erase_if(candidates_, [&](const Candidate& c) { return c.logit < least; });
}

Token Sampler::draw() {
  const double most = std::ranges::max_element(candidates_, {}, &Candidate::logit)->logit;
  double total = 0;
  for (Candidate& c : candidates_) total += c.probability = std::exp((c.logit - most) / options_.temperature);
  double left = next_uniform() * total;
  for (const Candidate& c : candidates_) {
    left -= c.probability;
    if (left < 0) return c.token;
  }
  return std::ranges::max(candidates_, {}, &Candidate::probability).token;  // rounding used up the last share
}

// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014) → [0, 1) with 53 bits.
double Sampler::next_uniform() {
  uint64_t z = random_state_ += 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  z ^= z >> 31;
  return static_cast<double>(z >> 11) * 0x1p-53;
}

}  // namespace loam
