#include <algorithm>

#include "base/error.h"
#include "engine/sequence_state.h"

namespace loam {

bool Sequence::State::reserve(int64_t n_tokens) {
  const int64_t missing = KvCache::pages_for(n_tokens) - static_cast<int64_t>(pages.size());
  if (missing > cache->free_pages()) return false;
  for (int64_t i = 0; i < missing; ++i) pages.push_back(cache->take_page());
  return true;
}

void Sequence::State::shrink(int64_t n_tokens) {
  for (const auto needed = static_cast<size_t>(KvCache::pages_for(n_tokens)); pages.size() > needed; pages.pop_back())
    cache->give_page(pages.back());
}

void Sequence::State::add_rows(Batch& batch, int64_t n, int64_t first_logit) const {
  LOAM_CHECK(n <= n_pending() && n_processed + n <= static_cast<int64_t>(pages.size()) * kPageTokens);
  const int first_row = batch.n_rows();
  batch.spans.push_back({.first_row = first_row,
                         .n_rows = static_cast<int>(n),
                         .pages = pages.data(),
                         .n_experts = options.experts,
                         .sequence = number});
  for (int64_t at = n_processed; at < n_processed + n; ++at) {
    if (at >= first_logit) batch.logit_rows.push_back(batch.n_rows());
    batch.tokens.push_back(tokens[static_cast<size_t>(at)]);
    batch.positions.push_back(static_cast<int32_t>(at));
  }
}

Sequence::Sequence(std::unique_ptr<State> state) : state_(std::move(state)) {}

Sequence::~Sequence() {
  state_->scheduler->remove(*this);
  state_->shrink(0);
}

const std::vector<Token>& Sequence::tokens() const { return state_->tokens; }

int Sequence::number() const { return state_->number; }

int64_t Sequence::n_processed() const { return state_->n_processed; }

void Sequence::truncate(int64_t n) {
  state_->scheduler->remove(*this);
  n = std::clamp<int64_t>(n, 0, state_->size());
  state_->tokens.resize(static_cast<size_t>(n));
  state_->n_processed = std::min(state_->n_processed, n);
  state_->shrink(n);
}

}  // namespace loam
