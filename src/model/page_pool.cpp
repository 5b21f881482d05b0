#include "model/page_pool.h"

#include <sys/mman.h>
#include <unistd.h>

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

// The system takes back whole pages of its own; what shares one with a neighbour stays.
void PagePool::release() {
  const auto system_page = static_cast<uintptr_t>(::sysconf(_SC_PAGESIZE));
  for (const int32_t page : kept_) {
    const auto begin = reinterpret_cast<uintptr_t>(bytes(page).data()), end = begin + page_bytes_;
    const uintptr_t first = (begin + system_page - 1) / system_page * system_page,
                    last = end / system_page * system_page;
    if (first < last) ::madvise(reinterpret_cast<void*>(first), last - first, MADV_DONTNEED);
  }
  released_.insert(released_.end(), kept_.begin(), kept_.end());
  kept_.clear();
}

}  // namespace loam
