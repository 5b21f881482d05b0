#include "engine/sequence_pages.h"

#include <algorithm>

#include "base/error.h"

namespace loam {

SequencePages::SequencePages(std::shared_ptr<KvCache> cache, const KvOptions& types)
    : cache_(std::move(cache)), pool_(cache_->pool(types)) {}

int64_t SequencePages::n_tokens() const {
  const auto held = std::ssize(pages_);
  return (has_windows() ? std::min(held, std::ssize(window_pages_)) : held) * kPageTokens;
}

void SequencePages::describe(BatchSpan& span) const {
  span.pages = pages_.data();
  span.window_pages = window_pages_.data();
  span.kv = pool_.index;
}

bool SequencePages::admit(int64_t n_tokens) {
  const int64_t missing = KvCache::pages_for(n_tokens) - std::ssize(pages_);
  const uint64_t held = static_cast<uint64_t>(std::ssize(pages_)) * pool_.pages.page_bytes() +
                        static_cast<uint64_t>(n_window_pages()) * pool_.window_pages.page_bytes();
  const uint64_t needed = cache_->bytes_for(pool_, n_tokens);
  if (needed > held && needed - held > cache_->free_bytes()) return false;
  for (int64_t i = 0; i < missing; ++i) pages_.push_back(cache_->take(pool_.pages));
  return true;
}

// Pages that no window shows any more stay while a sequence may have that many, so that it can be cut a little.
bool SequencePages::reserve(int64_t n_tokens) {
  const int64_t n = KvCache::pages_for(n_tokens);
  const int64_t missing = std::max<int64_t>(0, n - std::ssize(pages_));
  const int64_t missing_windows = has_windows() ? std::max<int64_t>(0, n - std::ssize(window_pages_)) : 0;
  forget_window_pages(n_window_pages() + missing_windows - cache_->most_window_pages());
  const uint64_t bytes = static_cast<uint64_t>(missing) * pool_.pages.page_bytes() +
                         static_cast<uint64_t>(missing_windows) * pool_.window_pages.page_bytes();
  if (bytes > cache_->free_bytes()) return false;
  for (int64_t i = 0; i < missing; ++i) pages_.push_back(cache_->take(pool_.pages));
  for (int64_t i = 0; i < missing_windows; ++i) window_pages_.push_back(cache_->take(pool_.window_pages));
  return true;
}

void SequencePages::forget_window_pages(int64_t n_pages) {
  for (; n_pages > 0; --n_pages) {
    int32_t& page = window_pages_[static_cast<size_t>(first_window_page_++)];
    pool_.window_pages.give(page);
    page = -1;
  }
}

void SequencePages::cut(int64_t n_tokens) {
  const int64_t kept = KvCache::pages_for(n_tokens);
  for (; std::ssize(pages_) > kept; pages_.pop_back()) pool_.pages.give(pages_.back());
  for (; std::ssize(window_pages_) > kept; window_pages_.pop_back())
    if (window_pages_.back() >= 0) pool_.window_pages.give(window_pages_.back());
  first_window_page_ = std::min(first_window_page_, std::ssize(window_pages_));
}

bool SequencePages::see(int64_t position) const {
  if (!has_windows() || position == 0) return true;
  return first_window_page_ <= std::max<int64_t>(0, position - cache_->window() + 1) / kPageTokens;
}

}  // namespace loam
