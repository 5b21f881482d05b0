#include <algorithm>

#include "base/error.h"
#include "engine/sequence_state.h"

namespace loam {

void Sequence::State::give_up_pages() {
  pages->cut(0);
  n_processed = 0;
}

void Sequence::State::add_rows(Batch& batch, int64_t n, int64_t first_logit, std::span<const Token> drafted) {
  LOAM_CHECK(n <= n_pending() && (drafted.empty() || n == n_pending()));
  n += std::ssize(drafted);
  LOAM_CHECK(n_processed + n <= pages->n_tokens() && pages->see(n_processed));
  batch.spans.push_back(
      {.first_row = batch.n_rows(), .n_rows = static_cast<int>(n), .n_experts = options.experts, .sequence = number});
  pages->describe(batch.spans.back());
  for (int64_t at = n_processed; at < n_processed + n; ++at) {
    if (at >= first_logit) batch.logit_rows.push_back(batch.n_rows());
    batch.tokens.push_back(at < size() ? tokens[static_cast<size_t>(at)] : drafted[static_cast<size_t>(at - size())]);
    batch.positions.push_back(static_cast<int32_t>(at));
  }
}

void Sequence::State::advance(int64_t n) {
  n_processed += n;
  pages->cut(size());
}

Sequence::Sequence(std::unique_ptr<State> state) : state_(std::move(state)) {}

Sequence::~Sequence() { state_->scheduler->forget(*this); }

const std::vector<Token>& Sequence::tokens() const { return state_->tokens; }

int Sequence::number() const { return state_->number; }

int64_t Sequence::n_processed() const { return state_->n_processed; }

int64_t Sequence::context() const { return state_->context; }

DraftCounts Sequence::drafts() const { return state_->drafts; }

void Sequence::truncate(int64_t n) {
  State& s = *state_;
  s.scheduler->stop(*this);
  n = std::clamp<int64_t>(n, 0, s.size());
  s.tokens.resize(static_cast<size_t>(n));
  s.n_processed = std::min(s.n_processed, n);
  s.pages->cut(n);
  if (!s.pages->see(s.n_processed)) s.give_up_pages();  // what windows have forgotten can only be read again
}

}  // namespace loam
