// Packs weight matrices for the running instruction set, in parallel, straight from the model file.
#pragma once

#include <functional>
#include <vector>

#include "base/thread_pool.h"
#include "file/gguf.h"
#include "kernels/kernel_table.h"

namespace loam {

// Called from the loading thread with bytes done and total; returns false to cancel (Error(cancelled) is thrown).
using Progress = std::function<bool(uint64_t done, uint64_t total)>;

// One tensor: `n_matrices` (experts) of (rows, cols), each packed on its own, `stride` bytes apart.
struct PackJob {
  const TensorInfo* info;
  int64_t n_matrices, rows, cols;
  size_t stride;
  void* packed;  // n_matrices · stride bytes
};

// Threads take chunks of some MiB in file order and release the file's pages behind them, so that what is resident
// grows by the packed size only. Throws what GgufFile::bytes throws, and Error(cancelled).
void pack_matrices(const GgufFile& file, const KernelTable& kernels, std::vector<PackJob> jobs, ThreadPool& pool,
                   const Progress& progress);

}  // namespace loam
