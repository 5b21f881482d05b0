#include "ops/routing.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <utility>

#include "base/error.h"

namespace loam {

Routing::Routing(int64_t n_tokens, int n_experts, int n_used, std::span<const BatchSpan> spans)
    : n_experts_(n_experts), first_(n_tokens + 1, n_used) {
  for (const BatchSpan& span : spans)
    if (span.n_experts > 0) std::fill_n(first_.begin() + span.first_row, span.n_rows, span.n_experts);
  int64_t total = 0;
  for (int64_t& first : first_) {
    LOAM_CHECK(first >= 1 && first <= n_experts);
    total += std::exchange(first, total);
  }
  choices_.resize(first_.back());
}

namespace {

// Sums of weights below this count as this: the smallest normal number of half precision.
constexpr float kLeastSum = 6.103515625e-5f;

float sigmoid(float x) { return 1 / (1 + std::exp(-x)); }

// The scores that pick experts and, before `finish`, weigh them.
void score(float* logits, int64_t n, const KernelTable& kernels, Scoring scoring) {
  if (scoring == Scoring::softmax) kernels.softmax(logits, n);
  if (scoring == Scoring::sigmoid) kernels.activate({Activation::sigmoid}, logits, nullptr, n, logits);
  if (scoring == Scoring::sqrt_softplus)
    for (int64_t i = 0; i < n; ++i) logits[i] = std::sqrt(logits[i] > 20 ? logits[i] : std::log1p(std::exp(logits[i])));
}

// Leaves the groups whose two best scores sum highest; the scores of the others become −∞. DeepSeek-V3, arXiv
// 2412.19437.
void keep_best_groups(std::vector<float>& scores, int n_groups, int n_used) {
  const size_t size = scores.size() / static_cast<size_t>(n_groups);
  std::vector<std::pair<float, int>> groups;
  for (int group = 0; group < n_groups; ++group) {
    std::vector<float> of_group(scores.begin() + group * static_cast<int64_t>(size),
                                scores.begin() + (group + 1) * static_cast<int64_t>(size));
    const size_t n = std::min<size_t>(2, size);
    std::partial_sort(of_group.begin(), of_group.begin() + static_cast<int64_t>(n), of_group.end(), std::greater{});
    groups.emplace_back(-(n == 2 ? of_group[0] + of_group[1] : of_group[0]), group);
  }
  std::sort(groups.begin(), groups.end());
  for (size_t i = static_cast<size_t>(n_used); i < groups.size(); ++i)
    std::fill_n(scores.begin() + groups[i].second * static_cast<int64_t>(size), size,
                -std::numeric_limits<float>::infinity());
}

}  // namespace

// The best so far stand in descending order; where nothing compares greater, even NaN, the first experts stay.
void Routing::pick(std::span<ExpertChoice> best, const float* scores) const {
  size_t n = 0;
  for (int expert = 0; expert < n_experts_; ++expert) {
    if (n == best.size() && !(scores[expert] > best[n - 1].weight)) continue;
    size_t at = n < best.size() ? n++ : n - 1;
    for (; at > 0 && scores[expert] > best[at - 1].weight; --at) best[at] = best[at - 1];
    best[at] = {expert, scores[expert]};
  }
}

void Routing::choose(int64_t token, float* logits, const KernelTable& kernels, const MoeOptions& options,
                     const float* selection_bias) {
  score(logits, n_experts_, kernels, options.scoring);
  const std::span<ExpertChoice> best(choices_.data() + first_[token],
                                     static_cast<size_t>(first_[token + 1] - first_[token]));
  if (selection_bias || options.n_groups > 1) {
    std::vector<float> scores(logits, logits + n_experts_);
    if (selection_bias) kernels.add(scores.data(), selection_bias, n_experts_);
    if (options.n_groups > 1) keep_best_groups(scores, options.n_groups, options.n_groups_used);
    pick(best, scores.data());
    for (ExpertChoice& choice : best) choice.weight = logits[choice.expert];
  } else {
    pick(best, logits);
  }
  weigh(best, kernels, options);
  std::ranges::sort(best, {}, &ExpertChoice::expert);
}

void Routing::weigh(std::span<ExpertChoice> best, const KernelTable& kernels, const MoeOptions& options) {
  if (options.scoring == Scoring::softmax_of_chosen) {
    std::vector<float> weights;
    for (const ExpertChoice& choice : best) weights.push_back(choice.weight);
    kernels.softmax(weights.data(), std::ssize(weights));
    for (size_t i = 0; i < best.size(); ++i) best[i].weight = weights[i];
  }
  if (options.scoring == Scoring::sigmoid_of_chosen)
    for (ExpertChoice& choice : best) choice.weight = sigmoid(choice.weight);
  float sum = 0;
  for (const ExpertChoice& choice : best) sum += choice.weight;
  // Written so that NaN stays NaN.
  const float factor =
      options.normalise ? options.weight_scale / (sum < kLeastSum ? kLeastSum : sum) : options.weight_scale;
  for (ExpertChoice& choice : best) choice.weight *= factor;
}

float Routing::weight_of(int64_t token, int expert) const {
  const auto choices = of(token);
  return std::ranges::find(choices, expert, &ExpertChoice::expert)->weight;
}

std::vector<ExpertGroup> Routing::group(int64_t most) {
  std::vector<int64_t> next(n_experts_ + 1);  // the slot of each expert's next choice
  for (const ExpertChoice& choice : choices_) ++next[choice.expert + 1];
  for (int expert = 0; expert < n_experts_; ++expert) next[expert + 1] += next[expert];

  std::vector<ExpertGroup> groups;
  for (int expert = 0; expert < n_experts_; ++expert)
    for (int64_t first = next[expert]; first < next[expert + 1]; first += most)
      groups.push_back({expert, first, std::min(most, next[expert + 1] - first)});

  slots_.resize(choices_.size());
  tokens_.resize(choices_.size());
  for (int64_t token = 0; token < n_tokens(); ++token)
    for (int64_t i = first_[token]; i < first_[token + 1]; ++i) {
      slots_[i] = next[choices_[i].expert]++;
      tokens_[slots_[i]] = token;
    }
  return groups;
}

}  // namespace loam
