// Pages of one size by number, taken and given back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "tensor/tensor.h"

namespace loam {

// The system gives a page's memory when it is first written. A page that was given back keeps it for the next one that
// is taken, until `release`.
class PagePool {
 public:
  // Address space for as many pages as `bytes` hold.
  PagePool(uint64_t page_bytes, uint64_t bytes);

  uint64_t page_bytes() const { return page_bytes_; }  // 0 where no layer keeps anything in these pages
  int32_t n_pages() const { return n_pages_; }
  int32_t n_taken() const { return n_taken_; }
  std::byte* data() const { return memory_.data(); }
  std::span<std::byte> bytes(int32_t page) const;

  // Whether the next page that is taken has memory already.
  bool has_kept() const { return !kept_.empty(); }
  // Bytes of pages that are taken or keep their memory.
  uint64_t held_bytes() const { return page_bytes_ * (static_cast<uint64_t>(n_taken_) + kept_.size()); }

  int32_t take();  // LOAM_CHECKs that one is left
  void give(int32_t page);
  // Returns the memory of pages that were given back to the system.
  void release();

 private:
  uint64_t page_bytes_;
  int32_t n_pages_, n_taken_ = 0, n_touched_ = 0;  // pages from n_touched_ on were never taken
  Buffer memory_;
  std::vector<int32_t> kept_, released_;  // given back, with and without memory; the next to take last
};

}  // namespace loam
