#include "engine/sequence_pages.h"

#include <algorithm>
#include <utility>

#include "base/error.h"

namespace loam {
namespace {

constexpr uint64_t kLoadBytes = 32 << 20;  // read from the disk between two steps

int64_t pages_at_once(const KvPool& pool) {
  return 1 + static_cast<int64_t>(kLoadBytes / std::max<uint64_t>(1, pool.pages.page_bytes()));
}

}  // namespace

SequencePages::SequencePages(std::shared_ptr<PrefixCache> cache, const KvOptions& types, const PageName& root)
    : cache_(std::move(cache)),
      pool_(cache_->kv().pool(types)),
      states_(cache_->kv().states().slots()),
      root_(root),
      n_forgotten_(cache_->n_forgotten(root.owner())) {}

int64_t SequencePages::n_tokens() const {
  const auto held = std::ssize(pages_);
  return (has_windows() ? std::min(held, std::ssize(window_pages_)) : held) * kPageTokens;
}

void SequencePages::describe(BatchSpan& span, int64_t n_processed) const {
  LOAM_CHECK(stands_at(n_processed) && (!has_state() || state_ >= 0));
  span.state = std::max(0, state_);
  span.pages = pages_.data();
  span.window_pages = window_pages_.data();
  span.kv = pool_.index;
}

bool SequencePages::admit(int64_t n_tokens) {
  const int64_t missing = KvCache::pages_for(n_tokens) - std::ssize(pages_);
  const uint64_t held = static_cast<uint64_t>(std::ssize(pages_)) * pool_.pages.page_bytes() +
                        static_cast<uint64_t>(n_window_pages()) * pool_.window_pages.page_bytes() +
                        (state_ >= 0 ? states_.page_bytes() : 0);
  const uint64_t needed = cache_->kv().bytes_for(pool_, n_tokens);
  if (needed > held && !cache_->make_room(needed - held)) return false;
  for (int64_t i = 0; i < missing; ++i) pages_.push_back(cache_->take(pool_.pages));
  return true;
}

// Pages that no window shows any more stay while a sequence may have that many, so that it can be cut a little.
bool SequencePages::reserve(int64_t n_tokens) {
  if (named_tail_ >= 0 && !own(named_tail_)) return false;
  if (state_ >= 0 && !cache_->own(states_, state_)) return false;
  const bool takes_state = has_state() && state_ < 0;
  const int64_t n = KvCache::pages_for(n_tokens);
  const int64_t missing = std::max<int64_t>(0, n - std::ssize(pages_));
  const int64_t missing_windows = has_windows() ? std::max<int64_t>(0, n - std::ssize(window_pages_)) : 0;
  forget_window_pages(n_window_pages() + missing_windows - cache_->kv().most_window_pages());
  const uint64_t bytes = static_cast<uint64_t>(missing) * pool_.pages.page_bytes() +
                         static_cast<uint64_t>(missing_windows) * pool_.window_pages.page_bytes() +
                         (takes_state ? states_.page_bytes() : 0);
  if (!cache_->make_room(bytes)) return false;
  if (takes_state) state_ = cache_->take(states_);
  for (int64_t i = 0; i < missing; ++i) pages_.push_back(cache_->take(pool_.pages));
  for (int64_t i = 0; i < missing_windows; ++i) window_pages_.push_back(cache_->take(pool_.window_pages));
  return true;
}

void SequencePages::forget_window_pages(int64_t n_pages) {
  for (; n_pages > 0; --n_pages) {
    int32_t& page = window_pages_[static_cast<size_t>(first_window_page_++)];
    cache_->give(pool_.window_pages, page);
    page = -1;
  }
}

void SequencePages::drop_state() {
  if (state_ >= 0) cache_->give(states_, std::exchange(state_, -1));
  state_at_ = 0;
}

void SequencePages::clear() {
  drop_state();
  drop_from(0);
}

bool SequencePages::lose_state() {
  if (has_state()) clear();
  return has_state();
}

// The last pages go first: those before them are used longer, by more texts.
void SequencePages::drop_from(int64_t page) {
  for (; std::ssize(window_pages_) > page; window_pages_.pop_back())
    if (window_pages_.back() >= 0) cache_->give(pool_.window_pages, window_pages_.back());
  first_window_page_ = std::min(first_window_page_, std::ssize(window_pages_));
  for (; std::ssize(pages_) > page; pages_.pop_back()) cache_->give(pool_.pages, pages_.back());
  n_named_ = std::min(n_named_, page);
  if (named_tail_ >= page) named_tail_ = -1;
}

int64_t SequencePages::cut(int64_t n_tokens) {
  const int64_t n_full = n_tokens / kPageTokens;
  trim(n_tokens);
  names_.resize(std::min(names_.size(), static_cast<size_t>(n_full)));
  n_named_ = std::min(n_named_, n_full);
  std::erase_if(wanted_, [&](int64_t n_pages) { return n_pages > n_full; });
  if (n_tokens % kPageTokens > 0 && !own(n_full)) trim(n_tokens = n_full * kPageTokens);
  if (see(n_tokens)) return n_tokens;
  clear();
  return 0;
}

// Makes a page that is filled in part, and will be written to, the sequence's own. False where there is no room for
// that.
bool SequencePages::own(int64_t page) {
  const auto at = static_cast<size_t>(page);
  if (!cache_->own(pool_.pages, pages_[at])) return false;
  if (has_windows() && window_pages_[at] >= 0 && !cache_->own(pool_.window_pages, window_pages_[at])) return false;
  named_tail_ = -1;
  return true;
}

int64_t SequencePages::first_page_seen(int64_t position) const {
  return std::max<int64_t>(0, position - cache_->kv().window() + 1) / kPageTokens;
}

// Whether the windows hold all that a token at `position` sees through them, and the state is that before it.
bool SequencePages::see(int64_t position) const {
  if (position == 0) return true;
  return (!has_windows() || first_window_page_ <= first_page_seen(position)) && stands_at(position);
}

// The name of the first n full pages.
const PageName& SequencePages::name_before(std::span<const Token> tokens, int64_t n_pages) {
  while (std::ssize(names_) < n_pages) {
    const PageName& before = names_.empty() ? root_ : names_.back();
    names_.push_back(before.next(tokens.subspan(names_.size() * kPageTokens, kPageTokens)));
  }
  return n_pages == 0 ? root_ : names_[static_cast<size_t>(n_pages - 1)];
}

// The name of the page that ends with the n-th token, full or not.
PageName SequencePages::name_at(std::span<const Token> tokens, int64_t n_tokens) {
  const PageName& full = name_before(tokens, n_tokens / kPageTokens);
  const auto n_tail = static_cast<size_t>(n_tokens % kPageTokens);
  return n_tail == 0 ? full : full.next(tokens.first(static_cast<size_t>(n_tokens)).last(n_tail));
}

bool SequencePages::has(const PageName& name, bool on_disk) const {
  return cache_->has(name) || (on_disk && cache_->has_on_disk(name));
}

bool SequencePages::has_snapshot(const PageName& name, bool on_disk) const {
  return !forgets() || cache_->has_snapshot(name) || (on_disk && cache_->has_snapshot_on_disk(name));
}

// The most tokens, `limit` or fewer, behind which the cache, or the disk, holds everything that a sequence needs to go
// on; `begin` where that is not more than a sequence holds itself.
int64_t SequencePages::known(std::span<const Token> tokens, int64_t begin, int64_t limit, bool on_disk) {
  int64_t n_pages = begin / kPageTokens;
  while ((n_pages + 1) * kPageTokens <= limit && has(name_before(tokens, n_pages + 1), on_disk)) ++n_pages;
  for (int64_t n = std::min(limit, (n_pages + 1) * kPageTokens - 1); n > std::max(begin, n_pages * kPageTokens); --n)
    if (const PageName name = name_at(tokens, n); has(name, on_disk) && has_snapshot(name, on_disk)) return n;
  const int64_t n_held = n_pages * kPageTokens;
  int64_t n = n_held;
  while (n > begin && !has_snapshot(name_before(tokens, n / kPageTokens), on_disk)) n -= kPageTokens;
  if (n < n_held) want_snapshot(n_held);  // two texts part here, so others may, too
  return std::max(n, begin);
}

int64_t SequencePages::reuse(std::span<const Token> tokens, int64_t n_processed, int64_t limit) {
  const int64_t n = known(tokens, n_processed, limit, false);
  if (n == n_processed) return n;
  named_tail_ = -1;
  for (int64_t i = n_processed / kPageTokens; i < n / kPageTokens; ++i) use_page(i, name_before(tokens, i + 1));
  n_named_ = n / kPageTokens;
  const PageName last = name_at(tokens, n);
  if (n % kPageTokens > 0) use_page(named_tail_ = n_named_, last);
  if (forgets()) use_snapshot(last, n);
  return n;
}

// Where layers forget, pages behind n_processed are of use only with a snapshot, which comes last. Those with a state
// begin anew until it is there.
bool SequencePages::load(std::span<const Token> tokens, int64_t& n_processed, int64_t limit) {
  if (cache_->disk() == nullptr) return false;
  const int64_t first = n_processed / kPageTokens, n = known(tokens, n_processed, limit, true);
  if (n == n_processed && n_named_ == first) return false;
  const int64_t n_pages = KvCache::pages_for(n), end = std::min(n_pages, n_named_ + pages_at_once(pool_));
  const bool loaded = n > n_processed && load_pages(tokens, end, n) && (end < n_pages || load_snapshot(tokens, n));
  if (!loaded && forgets()) drop_from(first);
  n_processed = has_state() ? 0 : (has_windows() ? std::min(n_named_, first) : n_named_) * kPageTokens;
  if (loaded && end == n_pages) n_processed = n;
  return loaded && end < n_pages;
}

// The pages before `end`, of which the last may end with the n-th token.
bool SequencePages::load_pages(std::span<const Token> tokens, int64_t end, int64_t n_tokens) {
  const auto name = [&](int64_t page) { return name_at(tokens, std::min(n_tokens, (page + 1) * kPageTokens)); };
  const auto named = [&](int64_t n_pages) {
    n_named_ = std::min(n_pages, n_tokens / kPageTokens);
    if (n_pages > n_named_) named_tail_ = n_named_;
  };
  for (int64_t i = n_named_; i < end;) {
    if (cache_->has(name(i))) {
      use_page(i, name(i));
      named(++i);
      continue;
    }
    std::vector<PageName> names;
    for (int64_t j = i; j < end && !cache_->has(name(j)); ++j) {
      if (!make_own(j)) return false;
      names.push_back(name(j));
    }
    const auto pages = std::span(pages_).subspan(static_cast<size_t>(i), names.size());
    const size_t n_loaded = cache_->load(names, pool_.pages, pages);
    named(i += static_cast<int64_t>(n_loaded));
    if (n_loaded < names.size()) return false;
  }
  return true;
}

// A page that may be written to, in the place of the i-th or behind the last.
bool SequencePages::make_own(int64_t i) {
  if (i < std::ssize(pages_)) return cache_->own(pool_.pages, pages_[static_cast<size_t>(i)]);
  if (!cache_->make_room(pool_.pages.page_bytes())) return false;
  pages_.push_back(cache_->take(pool_.pages));
  return true;
}

bool SequencePages::load_snapshot(std::span<const Token> tokens, int64_t n_tokens) {
  if (!forgets()) return true;
  const PageName name = name_at(tokens, n_tokens);
  if (!cache_->has_snapshot(name)) {
    const int64_t n_windows = has_windows() ? KvCache::pages_for(n_tokens) - first_page_seen(n_tokens) : 0;
    const uint64_t bytes = static_cast<uint64_t>(n_windows) * pool_.window_pages.page_bytes() + states_.page_bytes();
    if (!cache_->make_room(bytes)) return false;
    std::vector<PrefixCache::PageRef> pages(static_cast<size_t>(n_windows), {&pool_.window_pages, -1});
    if (has_state()) pages.push_back({&states_, -1});
    for (auto& [pool, page] : pages) page = cache_->take(*pool);
    const bool loaded = cache_->load_snapshot(name, pages);
    for (const auto& [pool, page] : pages) cache_->give(*pool, page);
    if (!loaded) return false;
  }
  use_snapshot(name, n_tokens);
  return true;
}

void SequencePages::use_page(int64_t i, const PageName& name) {
  const int32_t page = cache_->find(name);
  if (i == std::ssize(pages_))
    pages_.push_back(page);
  else
    cache_->give(pool_.pages, std::exchange(pages_[static_cast<size_t>(i)], page));
}

// Goes on from what the windows and the state held behind the first n tokens.
void SequencePages::use_snapshot(const PageName& name, int64_t n_tokens) {
  const std::vector<PrefixCache::PageRef> found = cache_->find_snapshot(name);
  std::vector<int32_t> windows;
  for (const auto& [pool, page] : found)
    if (pool == &pool_.window_pages) windows.push_back(page);
  drop_state();
  if (has_state()) state_ = found.back().page;
  state_at_ = n_tokens;
  if (!has_windows()) return;
  const int64_t n_pages = KvCache::pages_for(n_tokens);
  forget_window_pages(n_window_pages());
  window_pages_.assign(static_cast<size_t>(n_pages), -1);
  std::ranges::copy(windows, window_pages_.end() - std::ssize(windows));
  first_window_page_ = n_pages - std::ssize(windows);
}

void SequencePages::publish(std::span<const Token> tokens, int64_t n_processed) {
  if (is_forgotten()) return;
  for (; n_named_ < n_processed / kPageTokens; ++n_named_) {
    int32_t& page = pages_[static_cast<size_t>(n_named_)];
    page = cache_->keep(name_before(tokens, n_named_ + 1), pool_.pages, page);
  }
  std::erase_if(wanted_, [&](int64_t n_pages) {
    if (n_pages > n_named_) return false;
    keep_snapshot(name_before(tokens, n_pages), n_pages * kPageTokens);
    return true;
  });
}

void SequencePages::rest(std::span<const Token> tokens, int64_t n_processed) {
  if (n_named_ > n_processed / kPageTokens) drop_from(n_processed / kPageTokens);  // the rest was not loaded
  if (n_processed == 0 || is_forgotten()) return;
  publish(tokens, n_processed);
  const PageName last = name_at(tokens, n_processed);
  if (n_processed % kPageTokens > 0 && named_tail_ < 0) {
    named_tail_ = n_processed / kPageTokens;
    int32_t& page = pages_[static_cast<size_t>(named_tail_)];
    page = cache_->keep(last, pool_.pages, page);
  }
  keep_snapshot(last, n_processed);
  for (int64_t i = 1; i <= n_named_; ++i) cache_->save(name_before(tokens, i));
  cache_->save(last);
}

void SequencePages::want_snapshot(int64_t position) {
  const int64_t n_pages = position / kPageTokens;
  if (forgets() && n_pages > 0 && std::ranges::find(wanted_, n_pages) == wanted_.end()) wanted_.push_back(n_pages);
}

int64_t SequencePages::rows_until_snapshot(int64_t n_processed) const {
  int64_t n = INT64_MAX;
  for (const int64_t n_pages : wanted_)
    if (has_state() && n_pages * kPageTokens > n_processed) n = std::min(n, n_pages * kPageTokens - n_processed);
  return n;
}

// Of what the windows show, and the state holds, behind the first n tokens, where it is not forgotten.
void SequencePages::keep_snapshot(const PageName& name, int64_t n_tokens) {
  if (!forgets() || !see(n_tokens) || (has_state() && state_ < 0)) return;
  std::vector<PrefixCache::PageRef> pages;
  if (has_windows())
    for (int64_t i = first_page_seen(n_tokens); i < KvCache::pages_for(n_tokens); ++i)
      pages.push_back({&pool_.window_pages, window_pages_[static_cast<size_t>(i)]});
  if (has_state()) pages.push_back({&states_, state_});
  cache_->keep_snapshot(name, std::move(pages));
}

}  // namespace loam
