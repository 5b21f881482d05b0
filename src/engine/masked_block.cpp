#include "engine/masked_block.h"

#include <algorithm>
#include <utility>

#include "base/error.h"

namespace loam {

void MaskedBlock::begin(int64_t n_tokens) {
  LOAM_CHECK(n_tokens > 0);
  tokens_.assign(static_cast<size_t>(n_tokens), config_.mask);
  chosen_.assign(tokens_.size(), {});
  n_masks_ = n_tokens;
}

void MaskedBlock::fill(const std::function<ScoredToken(int64_t)>& choose) {
  std::vector<std::pair<size_t, ScoredToken>> choices;
  for (size_t i = 0; i < tokens_.size(); ++i)
    if (chosen_[i].token < 0) choices.emplace_back(i, choose(static_cast<int64_t>(i)));
  const auto likeliest = std::ranges::max_element(choices, {}, [](const auto& c) { return *c.second.logprob; });
  for (auto choice = choices.begin(); choice != choices.end(); ++choice) {
    if (choice != likeliest && *choice->second.logprob < kSure) continue;
    tokens_[choice->first] = choice->second.token;
    chosen_[choice->first] = choice->second;
    --n_masks_;
  }
}

std::vector<ScoredToken> MaskedBlock::take() {
  tokens_.clear();
  return std::exchange(chosen_, {});
}

}  // namespace loam
