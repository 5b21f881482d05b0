// What an operation runs on: threads, kernels and scratch memory.
#pragma once

#include <cstddef>
#include <vector>

#include "base/thread_pool.h"
#include "kernels/kernel_table.h"
#include "tensor/tensor.h"

namespace loam {

// Bump allocator for activations: `reset` makes everything reusable, blocks are kept.
class Arena {
 public:
  void* allocate(size_t bytes);  // 64-byte aligned, not zeroed
  void reset();
  size_t reserved() const;

 private:
  std::vector<Buffer> blocks_;
  size_t block_ = 0, used_ = 0;
};

struct Context {
  ThreadPool& pool;
  const KernelTable& kernels;
  Arena arena;
};

}  // namespace loam
