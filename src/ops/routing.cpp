#include "ops/routing.h"

#include <algorithm>
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

// The best so far stand in descending order; where nothing compares greater, even NaN, the first experts stay.
void Routing::choose(int64_t token, float* logits, const KernelTable& kernels, const MoeOptions& options) {
  kernels.softmax(logits, n_experts_);
  ExpertChoice* best = choices_.data() + first_[token];
  const int64_t n_used = first_[token + 1] - first_[token];
  int64_t n = 0;
  for (int expert = 0; expert < n_experts_; ++expert) {
    const float probability = logits[expert];
    if (n == n_used && !(probability > best[n - 1].weight)) continue;
    int64_t at = n < n_used ? n++ : n - 1;
    for (; at > 0 && probability > best[at - 1].weight; --at) best[at] = best[at - 1];
    best[at] = {expert, probability};
  }
  float sum = 0;
  for (int64_t i = 0; i < n; ++i) sum += best[i].weight;
  const float factor = options.normalise ? options.weight_scale / sum : options.weight_scale;
  for (int64_t i = 0; i < n; ++i) best[i].weight *= factor;
  std::sort(best, best + n, [](const ExpertChoice& a, const ExpertChoice& b) { return a.expert < b.expert; });
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
