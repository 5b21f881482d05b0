// The cache pages of one sequence, as its block tables list them, their names, and its state.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "engine/prefix_cache.h"
#include "ops/batch.h"

namespace loam {

class SequencePages {
 public:
  // Pages of the pool of these types. `root` names the empty sequence.
  SequencePages(std::shared_ptr<PrefixCache> cache, const KvOptions& types, const PageName& root);
  ~SequencePages() { clear(); }
  SequencePages(const SequencePages&) = delete;
  SequencePages& operator=(const SequencePages&) = delete;

  const KvPool& pool() const { return pool_; }
  bool empty() const { return pages_.empty(); }
  int64_t n_tokens() const;  // that they hold
  // The block tables and the state's slot for rows behind the first n_processed, valid until pages are taken or given
  // back.
  void describe(BatchSpan& span, int64_t n_processed) const;

  // ---- taking and giving back ----
  // Takes the pages that n tokens need, but those for windows, which change from step to step, and the state; false,
  // and nothing taken, where the cache has no room for all.
  bool admit(int64_t n_tokens);
  // Takes the pages that a step needs which ends with n tokens; false, and nothing taken, where the cache has no room.
  bool reserve(int64_t n_tokens);
  // Gives back the pages behind the first n tokens, whose successors will be others. → how many of the n are still
  // held: fewer, or none, where the windows have forgotten what goes before, a state stands elsewhere, or a shared page
  // cannot be copied.
  int64_t cut(int64_t n_tokens);
  // Gives back what lies behind the first n tokens and was never filled.
  void trim(int64_t n_tokens) { drop_from(KvCache::pages_for(n_tokens)); }
  void clear();

  // ---- the state, if any ----
  // Whether rows behind the first n tokens can be added to it.
  bool stands_at(int64_t n_tokens) const { return !has_state() || n_tokens == 0 || n_tokens == state_at_; }
  // A step has brought it behind the first n tokens.
  void moved(int64_t n_tokens) { state_at_ = n_tokens; }
  // It is no longer known where it stands: everything is given back, where there is a state. → whether there is
  bool lose_state();

  // ---- names; `tokens` are the sequence's, from its first on ----
  // Tokens that would be processed with the named pages behind the first n_processed, `limit` at most; `on_disk`: also
  // with those that are only there.
  int64_t known(std::span<const Token> tokens, int64_t n_processed, int64_t limit, bool on_disk);
  // Takes named pages for tokens behind the first n_processed, of `limit` at most. → tokens that are now processed
  int64_t reuse(std::span<const Token> tokens, int64_t n_processed, int64_t limit);
  // The same from the disk, some megabytes at a time. → whether there is more
  bool load(std::span<const Token> tokens, int64_t& n_processed, int64_t limit);
  // Names the pages that the first n_processed tokens fill, and keeps the snapshots that are wanted there.
  void publish(std::span<const Token> tokens, int64_t n_processed);
  // The sequence may end here: names its last page, too, which they fill in part, and keeps a snapshot. All of it goes
  // to the disk as well.
  void rest(std::span<const Token> tokens, int64_t n_processed);
  // A snapshot is wanted at the last page boundary up to `position`: others may go on from there.
  void want_snapshot(int64_t position);
  // Rows that a step may add behind n_processed: a state is kept only as a step leaves it, so steps end where a
  // snapshot of it is wanted.
  int64_t rows_until_snapshot(int64_t n_processed) const;

 private:
  bool has_windows() const { return pool_.window_pages.page_bytes() > 0; }
  bool has_state() const { return states_.page_bytes() > 0; }
  bool forgets() const { return has_windows() || has_state(); }
  int64_t n_window_pages() const { return std::ssize(window_pages_) - first_window_page_; }
  bool is_forgotten() const { return cache_->n_forgotten(root_.owner()) != n_forgotten_; }
  bool see(int64_t position) const;
  int64_t first_page_seen(int64_t position) const;
  void forget_window_pages(int64_t n_pages);
  void drop_state();
  void drop_from(int64_t page);
  bool own(int64_t page);
  const PageName& name_before(std::span<const Token> tokens, int64_t n_pages);
  PageName name_at(std::span<const Token> tokens, int64_t n_tokens);
  bool has(const PageName& name, bool on_disk) const;
  bool has_snapshot(const PageName& name, bool on_disk) const;
  bool load_pages(std::span<const Token> tokens, int64_t end, int64_t n_tokens);
  bool load_snapshot(std::span<const Token> tokens, int64_t n_tokens);
  bool make_own(int64_t i);
  void use_page(int64_t i, const PageName& name);
  void use_snapshot(const PageName& name, int64_t n_tokens);
  void keep_snapshot(const PageName& name, int64_t n_tokens);

  std::shared_ptr<PrefixCache> cache_;
  KvPool& pool_;
  PagePool& states_;
  const PageName root_;
  const int64_t n_forgotten_;          // of the owner when it was opened: names nothing any more once that has grown
  std::vector<int32_t> pages_;         // page of each kPageTokens tokens
  std::vector<int32_t> window_pages_;  // the same for layers with a window, −1 for those given back
  int64_t first_window_page_ = 0;      // those before it were given back
  int32_t state_ = -1;                 // its slot; −1: none yet
  int64_t state_at_ = 0;               // tokens that have gone into the state
  std::vector<PageName> names_;        // of the first pages
  int64_t n_named_ = 0;                // full pages that are named in the cache
  int64_t named_tail_ = -1;            // a page that is filled in part and has a name; −1: none
  std::vector<int64_t> wanted_;        // snapshots, by the number of pages before them
};

}  // namespace loam
