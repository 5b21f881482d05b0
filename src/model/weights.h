// Weights: name → shape-checked tensor. A model's constructor asks for what it needs; `load` then fills it, in
// parallel.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/thread_pool.h"
#include "file/gguf.h"
#include "kernels/kernel_table.h"
#include "ops/ops.h"

namespace loam {

// Called from the loading thread with bytes done and total; returns false to cancel (Error(cancelled) is thrown).
using Progress = std::function<bool(uint64_t done, uint64_t total)>;

class Weights {
 public:
  Weights(const GgufFile& file, const KernelTable& kernels);

  // The names below it: scope("blk", 3).matrix("attn_q", …) reads "blk.3.attn_q.weight".
  Weights scope(std::string_view prefix, int index) const;
  bool has(std::string_view name, std::string_view suffix = "weight") const;

  // Each throws Error(model_invalid) naming the tensor, the expected and the found shape.
  Tensor vector(std::string_view name, Shape shape,
                std::string_view suffix = "weight") const;  // decoded to f32 at once
  Tensor matrix(std::string_view name, Shape shape) const;  // (out, in) or (n, out, in): packed for products
  Tensor table(std::string_view name, Shape shape) const;   // row look-ups only: stays in the file
  Linear linear(std::string_view name, Shape shape) const;  // matrix and, where the file has one, its ".bias"

  // Packs every matrix asked for so far. Resident memory stays near the packed size.
  void load(ThreadPool& pool, const Progress& progress) const;

  const Metadata& metadata() const;
  // Bytes that the asked tensors take in memory (packed matrices and vectors) and in the file (tables).
  uint64_t packed_bytes() const;

 private:
  struct Store;
  std::shared_ptr<Store> store_;
  std::string prefix_;
};

}  // namespace loam
