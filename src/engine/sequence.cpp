#include <algorithm>

#include "base/error.h"
#include "engine/sequence_state.h"

namespace loam {

std::optional<Sequence::State::Shortage> Sequence::State::reserve(int64_t n_tokens) {
  const int64_t held = std::ssize(pages), needed = KvCache::pages_for(n_tokens), ring = cache->ring_pages();
  const auto shortage = [](const PagePool& pool, int64_t missing) -> std::optional<Shortage> {
    if (missing <= pool.n_free()) return std::nullopt;
    return Shortage{missing, pool.n_free(), pool.n_pages()};
  };
  if (const auto s = shortage(cache->pages(), needed - held)) return s;
  if (const auto s = shortage(cache->window_pages(), std::min(needed, ring) - std::min(held, ring))) return s;
  for (int64_t page = held; page < needed; ++page) {
    pages.push_back(cache->pages().take());
    if (page < ring) window_pages.push_back(cache->window_pages().take());
    if (ring > 0 && page >= ring) window_pages.push_back(window_pages[static_cast<size_t>(page - ring)]);
  }
  return std::nullopt;
}

void Sequence::State::shrink(int64_t n_tokens) {
  for (int64_t page = std::ssize(pages); page-- > KvCache::pages_for(n_tokens);) {
    cache->pages().give(pages.back());
    pages.pop_back();
    if (cache->ring_pages() == 0) continue;
    if (page < cache->ring_pages()) cache->window_pages().give(window_pages.back());
    window_pages.pop_back();
  }
}

bool Sequence::State::window_holds(int64_t position) const {
  if (cache->ring_pages() == 0) return true;
  const int64_t first_page = std::max<int64_t>(0, position - cache->window() + 1) / kPageTokens;
  const int64_t last_page = std::max<int64_t>(0, n_written - 1) / kPageTokens;
  return last_page - first_page < cache->ring_pages();
}

void Sequence::State::add_rows(Batch& batch, int64_t n, int64_t first_logit, std::span<const Token> drafted) {
  LOAM_CHECK(n <= n_pending() && (drafted.empty() || n == n_pending()));
  n += std::ssize(drafted);
  n_written = std::max(n_written, n_processed + n);
  LOAM_CHECK(KvCache::pages_for(n_processed + n) <= std::ssize(pages));
  LOAM_CHECK(window_holds(n_processed));
  batch.spans.push_back({.first_row = batch.n_rows(),
                         .n_rows = static_cast<int>(n),
                         .pages = pages.data(),
                         .window_pages = window_pages.data(),
                         .n_experts = options.experts,
                         .sequence = number});
  for (int64_t at = n_processed; at < n_processed + n; ++at) {
    if (at >= first_logit) batch.logit_rows.push_back(batch.n_rows());
    batch.tokens.push_back(at < size() ? tokens[static_cast<size_t>(at)] : drafted[static_cast<size_t>(at - size())]);
    batch.positions.push_back(static_cast<int32_t>(at));
  }
}

void Sequence::State::advance(int64_t n) {
  n_processed += n;
  shrink(size());
}

Sequence::Sequence(std::unique_ptr<State> state) : state_(std::move(state)) {}

Sequence::~Sequence() {
  state_->scheduler->remove(*this);
  state_->shrink(0);
}

const std::vector<Token>& Sequence::tokens() const { return state_->tokens; }

int Sequence::number() const { return state_->number; }

int64_t Sequence::n_processed() const { return state_->n_processed; }

DraftCounts Sequence::drafts() const { return state_->drafts; }

void Sequence::truncate(int64_t n) {
  state_->scheduler->remove(*this);
  n = std::clamp<int64_t>(n, 0, state_->size());
  state_->tokens.resize(static_cast<size_t>(n));
  state_->n_processed = std::min(state_->n_processed, n);
  state_->shrink(n);
  if (state_->window_holds(state_->n_processed)) return;
  state_->n_processed = state_->n_written = 0;  // what the windows have forgotten can only be had by reading again
}

}  // namespace loam
