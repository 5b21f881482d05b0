#include "engine/sampler/candidates.h"

#include <algorithm>
#include <cmath>

namespace loam {
namespace {

constexpr float kMinusInfinity = -std::numeric_limits<float>::infinity();
constexpr size_t kLanes = 16;         // numbers that a loop takes side by side
constexpr size_t kMostInHeap = 1024;  // beyond, selecting from all is quicker

bool before(const Candidate& a, const Candidate& b) {
  return a.logit > b.logit || (a.logit == b.logit && a.token < b.token);
}

Candidate candidate(float logit, size_t token) {
  return {std::min(logit, std::numeric_limits<float>::max()), static_cast<Token>(token)};
}

// The largest of kLanes numbers; NaN counts as none.
float largest_of_lanes(const float* x) {
  float m[kLanes / 2];
  for (size_t i = 0; i < kLanes / 2; ++i) m[i] = x[i] > kMinusInfinity ? x[i] : kMinusInfinity;
  for (size_t i = 0; i < kLanes / 2; ++i) m[i] = x[i + kLanes / 2] > m[i] ? x[i + kLanes / 2] : m[i];
  return *std::max_element(m, m + kLanes / 2);
}

// Σ of e^(x − most), handing each term to `store(i, term)`. Blocks are added in float, lane by lane, then in double.
template <class Get, class Store>
double sum_of_exponentials(size_t n, float most, Get get, Store store) {
  constexpr size_t kBlock = 64 * kLanes;
  double total = 0;
  size_t i = 0;
  while (i + kLanes <= n) {
    float sums[kLanes] = {};
    for (const size_t end = std::min(n - kLanes + 1, i + kBlock); i < end; i += kLanes) {
      float terms[kLanes];
      for (size_t lane = 0; lane < kLanes; ++lane) terms[lane] = exp_of_negative(get(i + lane) - most);
      for (size_t lane = 0; lane < kLanes; ++lane) sums[lane] += terms[lane];
      for (size_t lane = 0; lane < kLanes; ++lane) store(i + lane, terms[lane]);
    }
    for (const float sum : sums) total += sum;
  }
  for (; i < n; ++i) {
    const float term = exp_of_negative(get(i) - most);
    total += term;
    store(i, term);
  }
  return total;
}

}  // namespace

void Candidates::gather(std::span<const float> logits, size_t k) {
  items_.clear();
  if (k > 0 && k <= kMostInHeap) {
    gather_heap(logits, k);
  } else {
    gather_all(logits);
    if (k > 0) keep_likeliest(k);
  }
  find_largest();
}

void Candidates::gather_all(std::span<const float> logits) {
  items_.resize(logits.size());
  size_t n = 0;
  for (size_t i = 0; i < logits.size(); ++i) {
    items_[n] = candidate(logits[i], i);
    n += logits[i] > kMinusInfinity;
  }
  items_.resize(n);
}

// A heap whose front is the worst of the k best so far: nearly every logit is dismissed with others by one comparison.
void Candidates::gather_heap(std::span<const float> logits, size_t k) {
  const auto take = [&](size_t i) {
    if (!(logits[i] > (items_.size() < k ? kMinusInfinity : items_.front().logit))) return;
    if (items_.size() == k) {
      std::ranges::pop_heap(items_, before);
      items_.pop_back();
    }
    items_.push_back(candidate(logits[i], i));
    std::ranges::push_heap(items_, before);
  };
  size_t i = 0;
  for (; i + kLanes <= logits.size(); i += kLanes) {
    if (items_.size() == k && !(largest_of_lanes(logits.data() + i) > items_.front().logit)) continue;
    for (size_t lane = 0; lane < kLanes; ++lane) take(i + lane);
  }
  for (; i < logits.size(); ++i) take(i);
  std::ranges::sort_heap(items_, before);
}

void Candidates::find_largest() {
  largest_ = kMinusInfinity;
  for (const Candidate& c : items_) largest_ = std::max(largest_, c.logit);
}

std::vector<Candidate> Candidates::likeliest(size_t n) const {
  std::vector<Candidate> first(std::min(n, size()));
  std::ranges::partial_sort_copy(items_, first, before);
  return first;
}

std::span<const float> Candidates::weights() {
  weights_.resize(size());
  total_ = sum_of_exponentials(
      size(), largest_, [&](size_t i) { return items_[i].logit; }, [&](size_t i, float w) { weights_[i] = w; });
  return weights_;
}

void Candidates::keep_likeliest(size_t k) {
  if (k >= size()) return;
  weights_.resize(size());
  std::ranges::transform(items_, weights_.begin(), &Candidate::logit);
  const auto kth = weights_.begin() + static_cast<std::ptrdiff_t>(k - 1);
  std::ranges::nth_element(weights_, kth, std::greater());
  const float least = *kth;
  auto n_equal =
      static_cast<std::ptrdiff_t>(k) - std::count_if(weights_.begin(), kth, [&](float l) { return l > least; });
  std::erase_if(items_, [&](const Candidate& c) { return c.logit < least || (c.logit == least && n_equal-- <= 0); });
}

// Sorts only as far as the share reaches: for most texts some dozens out of a quarter of a million.
void Candidates::keep_share(double share) {
  weights();
  double sum = 0;
  for (size_t i = 0, n_sorted = 0; i < size(); ++i) {
    if (i == n_sorted) {
      const auto at = [&](size_t n) { return items_.begin() + static_cast<std::ptrdiff_t>(std::min(n, size())); };
      std::partial_sort(at(i), at(4 * i + 64), items_.end(), before);
      n_sorted = 4 * i + 64;
    }
    sum += weight(i);
    if (sum >= share * total_) return items_.resize(i + 1);
  }
}

void Candidates::assign(std::vector<Candidate> items) {
  items_ = std::move(items);
  find_largest();
}

size_t Candidates::draw(double uniform) {
  const std::span<const float> shares = weights();
  double left = uniform * total_;
  for (size_t i = 0; i < shares.size(); ++i) {
    left -= shares[i];
    if (left < 0) return i;
  }
  return static_cast<size_t>(std::ranges::max_element(shares) - shares.begin());  // rounding used up the last share
}

double log_sum_exp(std::span<const float> logits) {
  float most = kMinusInfinity;
  for (const float l : logits) most = l > most ? l : most;
  if (most == kMinusInfinity) return most;
  return most + std::log(sum_of_exponentials(
                    logits.size(), most, [&](size_t i) { return logits[i]; }, [](size_t, float) {}));
}

}  // namespace loam
