// Packs weight matrices for the running instruction set, in parallel, straight from the model file.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "base/thread_pool.h"
#include "base/windows.h"
#include "file/gguf.h"
#include "kernels/kernel_table.h"

namespace loam {

// One tensor: `n_matrices` (experts) of (rows, cols), each packed on its own, `stride` bytes apart. Where the file's
// matrices have more rows, those from `first_row` on are meant.
struct PackJob {
  const TensorInfo* info;
  int64_t n_matrices, rows, cols;
  size_t stride;
  size_t offset;  // of the first matrix among all packed weights
  int64_t first_row = 0, file_rows = 0;
  bool plain = false;  // rows as the file has them, for look-ups

  size_t end() const { return offset + static_cast<size_t>(n_matrices) * stride; }
};

// Takes packed bytes [offset, offset + bytes.size()); called by several threads.
using PackedSink = std::function<void(size_t offset, std::span<const std::byte> bytes)>;

// Threads pack windows of some MiB of [0, total), hand them to the sink, and release the file's pages behind them, so
// that no second copy of the model is resident. The jobs stand in the order of their offsets. Throws what
// GgufFile::bytes and the sink throw, and Error(cancelled).
void pack_matrices(const GgufFile& file, const KernelTable& kernels, std::span<const PackJob> jobs, size_t total,
                   ThreadPool& pool, const Progress& progress, const PackedSink& sink);

}  // namespace loam
