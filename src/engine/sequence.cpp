#include <algorithm>

#include "base/error.h"
#include "engine/sequence_state.h"

namespace loam {

void Sequence::State::reuse_pages(int64_t limit) { n_processed = pages->reuse(tokens, n_processed, limit); }

void Sequence::State::reuse_pages() {
  if (n_pending() > 1) reuse_pages(reusable_end());
}

void Sequence::State::load_pages(int64_t limit) { loading = pages->load(tokens, n_processed, limit); }

int64_t Sequence::State::n_unknown() {
  return n_pending() > 1 ? size() - pages->known(tokens, n_processed, reusable_end(), true) : n_pending();
}

int64_t Sequence::State::reusable_end() const {
  return std::min(size() - 1, n_processed + generation->n_unscored(n_processed));
}

void Sequence::State::rest() { pages->rest(tokens, n_processed); }

void Sequence::State::give_up_pages() {
  rest();
  pages->clear();
  n_processed = 0;
  admitted = loading = false;
}

void Sequence::State::lose_state() {
  if (!pages->lose_state()) return;
  n_processed = 0;
  admitted = loading = false;
}

void Sequence::State::add_rows(Batch& batch, int64_t n, int64_t first_logit, std::span<const Token> drafted) {
  LOAM_CHECK(n <= n_pending() && (drafted.empty() || n == n_pending()));
  n += std::ssize(drafted);
  LOAM_CHECK(n_processed + n <= pages->n_tokens());
  batch.spans.push_back(
      {.first_row = batch.n_rows(), .n_rows = static_cast<int>(n), .n_experts = options.experts, .sequence = number});
  pages->describe(batch.spans.back(), n_processed);
  for (int64_t at = n_processed; at < n_processed + n; ++at) {
    if (at >= first_logit) batch.logit_rows.push_back(batch.n_rows());
    batch.tokens.push_back(at < size() ? tokens[static_cast<size_t>(at)] : drafted[static_cast<size_t>(at - size())]);
    batch.positions.push_back(static_cast<int32_t>(at));
  }
}

void Sequence::State::advance(int64_t n) {
  n_processed += n;
  pages->trim(size());
}

Sequence::Sequence(std::unique_ptr<State> state) : state_(std::move(state)) {}

Sequence::~Sequence() {
  state_->scheduler->forget(*this);
  state_->rest();
}

const std::vector<Token>& Sequence::tokens() const { return state_->tokens; }

int Sequence::number() const { return state_->number; }

int64_t Sequence::n_processed() const { return state_->n_processed; }

int64_t Sequence::n_cached() const { return std::max<int64_t>(0, state_->n_prompt - state_->n_read); }

int64_t Sequence::context() const { return state_->context; }

DraftCounts Sequence::drafts() const { return state_->drafts; }

void Sequence::truncate(int64_t n) {
  State& s = *state_;
  s.scheduler->stop(*this);
  n = std::clamp<int64_t>(n, 0, s.size());
  s.tokens.resize(static_cast<size_t>(n));
  if (n < s.n_processed) s.n_processed = s.pages->cut(n);
}

}  // namespace loam
