#include "engine/sampler/candidates.h"

#include <algorithm>
#include <cmath>

namespace loam {
namespace {

constexpr float kMinusInfinity = -std::numeric_limits<float>::infinity();
constexpr size_t kMostInHeap = 1024;  // beyond, selecting from all is quicker

bool before(const Candidate& a, const Candidate& b) {
  return a.logit > b.logit || (a.logit == b.logit && a.token < b.token);
}

Candidate candidate(float logit, size_t token) {
  return {std::min(logit, std::numeric_limits<float>::max()), static_cast<Token>(token)};
}

// Σ e^(x − most) over n ≤ 1024 numbers, of which `get` gives the i-th; each term goes to `store(i, term)`.
template <class Get, class Store>
double sum_of_exponentials(size_t n, float most, Get get, Store store) {
  Float4 sums = {};
  size_t i = 0;
  for (; i + 4 <= n; i += 4) {
    const Float4 terms = exp_of_negative(Float4{get(i), get(i + 1), get(i + 2), get(i + 3)} - most);
    sums += terms;
    for (size_t lane = 0; lane < 4; ++lane) store(i + lane, terms[lane]);
  }
  double total = double{sums[0]} + sums[1] + sums[2] + sums[3];
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
  if (k > 0 && k <= kMostInHeap) return gather_heap(logits, k);
  gather_all(logits);
  if (k > 0) keep_likeliest(k);
}

void Candidates::gather_all(std::span<const float> logits) {
  items_.resize(logits.size());
  size_t n = 0;
  for (size_t i = 0; i < logits.size(); ++i) {
    items_[n] = candidate(logits[i], i);
    n += logits[i] > kMinusInfinity;
  }
  items_.resize(n);
  largest_ = std::min(largest_of(logits), std::numeric_limits<float>::max());
}

// A heap whose front is the worst of the k best so far: nearly every logit is dismissed with others by one comparison.
void Candidates::gather_heap(std::span<const float> logits, size_t k) {
  constexpr size_t kTogether = 64;
  const auto take = [&](size_t i) {
    if (!(logits[i] > (items_.size() < k ? kMinusInfinity : items_.front().logit))) return;
    if (items_.size() == k) {
      std::ranges::pop_heap(items_, before);
      items_.pop_back();
    }
    items_.push_back(candidate(logits[i], i));
    std::ranges::push_heap(items_, before);
  };
  for (size_t i = 0; i < logits.size(); i += kTogether) {
    const size_t end = std::min(logits.size(), i + kTogether);
    if (items_.size() == k && largest_of(logits.subspan(i, end - i)) <= items_.front().logit) continue;
    for (size_t j = i; j < end; ++j) take(j);
  }
  std::ranges::sort_heap(items_, before);
  largest_ = items_.empty() ? kMinusInfinity : items_.front().logit;
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
  block_weights_.clear();
  total_ = 0;
  for (size_t first = 0; first < size(); first += kBlock) {
    block_weights_.push_back(sum_of_exponentials(
        std::min(kBlock, size() - first), largest_, [&](size_t i) { return items_[first + i].logit; },
        [&](size_t i, float weight) { weights_[first + i] = weight; }));
    total_ += block_weights_.back();
  }
  return weights_;
}

void Candidates::keep_nearest(double share, double distance) {
  weights();
  keep_nearest_until(share * total_, distance, weights_);
}

void Candidates::keep_likeliest(size_t k) {
  if (k >= size()) return;
  weights_.assign(size(), 1);
  keep_nearest_until(static_cast<double>(k), 0, weights_);
}

// Candidates fall into bins by how near they are. All in the bins before the one where the amount is reached are kept,
// and of those in that bin the nearest: only these are sorted.
void Candidates::keep_nearest_until(double amount, double distance, std::span<const float> weights) {
  constexpr float kPerLogit = 64;
  constexpr size_t kBins = 100 * 64;
  away_.resize(size());
  const auto there = static_cast<float>(largest_ - distance);
  for (size_t i = 0; i < size(); ++i) away_[i] = std::abs(there - items_[i].logit);
  const auto bin_of = [&](float away) { return static_cast<size_t>(std::min(away * kPerLogit, kBins - 1.0f)); };
  std::vector<double> bins(kBins);
  for (size_t i = 0; i < size(); ++i) bins[bin_of(away_[i])] += weights[i];
  double held = 0;
  size_t last = 0;
  while (last + 1 < kBins && (bins[last] == 0 || held + bins[last] < amount)) held += bins[last++];

  std::vector<size_t> edge;
  for (size_t i = 0; i < size(); ++i)
    if (bin_of(away_[i]) == last) edge.push_back(i);
  if (edge.empty()) return;  // rounding has left nothing to take out
  const auto place = [&](size_t i) { return std::pair(away_[i], items_[i].token); };
  std::ranges::sort(edge, {}, place);
  size_t n = 0;
  do held += weights[edge[n++]];
  while (n < edge.size() && held < amount);
  const auto furthest = place(edge[n - 1]);
  size_t n_kept = 0;
  for (size_t i = 0; i < size(); ++i)
    if (away_[i] <= furthest.first && place(i) <= furthest) items_[n_kept++] = items_[i];
  items_.resize(n_kept);
  find_largest();
}

size_t Candidates::draw(double uniform) {
  const std::span<const float> shares = weights();
  double left = uniform * total_;
  size_t block = 0;
  while (block + 1 < block_weights_.size() && left >= block_weights_[block]) left -= block_weights_[block++];
  size_t i = block * kBlock;
  const size_t end = std::min(size(), i + kBlock);
  while (i + 1 < end && (left -= shares[i]) >= 0) ++i;
  return i;
}

double log_sum_exp(std::span<const float> logits) {
  constexpr size_t kTogether = 1024;
  const float most = largest_of(logits);
  if (most == kMinusInfinity) return most;
  double total = 0;
  for (size_t first = 0; first < logits.size(); first += kTogether)
    total += sum_of_exponentials(
        std::min(kTogether, logits.size() - first), most, [&](size_t i) { return logits[first + i]; },
        [](size_t, float) {});
  return most + std::log(total);
}

}  // namespace loam
