#include "model/page_pool.h"

#include <algorithm>

#include "base/error.h"

namespace loam {

PagePool::PagePool(uint64_t page_bytes, uint64_t bytes)
    : page_bytes_(page_bytes),
      n_pages_(page_bytes == 0 ? INT32_MAX : static_cast<int32_t>(std::min<uint64_t>(bytes / page_bytes, INT32_MAX))),
      memory_(page_bytes * static_cast<uint64_t>(page_bytes == 0 ? 0 : n_pages_)) {}

std::span<std::byte> PagePool::bytes(int32_t page) const {
  LOAM_CHECK(page >= 0 && page < n_touched_);
  return {memory_.data() + static_cast<uint64_t>(page) * page_bytes_, page_bytes_};
}

int32_t PagePool::take() {
  LOAM_CHECK(n_taken_ < n_pages_);
  ++n_taken_;
  for (std::vector<int32_t>* pages : {&kept_, &released_})
    if (!pages->empty()) {
      const int32_t page = pages->back();
      pages->pop_back();
      return page;
    }
  return n_touched_++;
}

void PagePool::give(int32_t page) {
  LOAM_CHECK(page >= 0 && page < n_touched_ && n_taken_ > 0);
  --n_taken_;
  kept_.push_back(page);
}

// What shares a page of the system's with a neighbour keeps its memory.
void PagePool::release() {
  for (const int32_t page : kept_) {
    const uint64_t begin = static_cast<uint64_t>(page) * page_bytes_;
    memory_.release(begin, begin + page_bytes_);
  }
  released_.insert(released_.end(), kept_.begin(), kept_.end());
  kept_.clear();
}

}  // namespace loam
