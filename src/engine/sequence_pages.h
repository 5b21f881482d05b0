// The cache pages of one sequence, as its block tables name them.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "model/kv_cache.h"
#include "ops/batch.h"

namespace loam {

class SequencePages {
 public:
  // Pages of the pool of these types.
  SequencePages(std::shared_ptr<KvCache> cache, const KvOptions& types);
  ~SequencePages() { cut(0); }
  SequencePages(const SequencePages&) = delete;
  SequencePages& operator=(const SequencePages&) = delete;

  const KvPool& pool() const { return pool_; }
  bool empty() const { return pages_.empty(); }
  int64_t n_tokens() const;  // that they hold
  // The block tables, valid until pages are taken or given back.
  void describe(BatchSpan& span) const;

  // Takes the pages that n tokens need, but those for windows, which change from step to step; false, and nothing
  // taken, where the cache has too little room for both.
  bool admit(int64_t n_tokens);
  // Takes the pages that a step needs which ends with n tokens; false, and nothing taken, where the cache has too few.
  bool reserve(int64_t n_tokens);
  // Gives back the pages behind the first n tokens.
  void cut(int64_t n_tokens);
  // Whether the windows still hold all that a token at `position` sees through them.
  bool see(int64_t position) const;

 private:
  bool has_windows() const { return pool_.window_pages.page_bytes() > 0; }
  int64_t n_window_pages() const { return static_cast<int64_t>(window_pages_.size()) - first_window_page_; }
  void forget_window_pages(int64_t n_pages);

  std::shared_ptr<KvCache> cache_;
  KvPool& pool_;
  std::vector<int32_t> pages_;         // page of each kPageTokens tokens
  std::vector<int32_t> window_pages_;  // the same for layers with a window, −1 for those given back
  int64_t first_window_page_ = 0;      // those before it were given back
};

}  // namespace loam
