// What an operation runs on: threads, kernels and scratch memory.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
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
  size_t reserved() const;  // bytes of all blocks

  // Gives back at its end all that was allocated since its beginning: the temporaries of an operation or of a layer.
  class Scope {
   public:
    explicit Scope(Arena& arena) : arena_(arena), block_(arena.block_), used_(arena.used_) {}
    ~Scope() { arena_.block_ = block_, arena_.used_ = used_; }
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    Arena& arena_;
    const size_t block_, used_;
  };

 private:
  std::vector<Buffer> blocks_;
  size_t block_ = 0, used_ = 0;  // the block in use, and its bytes taken
};

struct Rope;

// The cosines and sines of a batch's positions, kept from one layer to the next: every layer asks for the same ones.
class RopeTables {
 public:
  struct Table {
    std::vector<int32_t> positions;
    std::vector<float> inverse_frequencies;
    float attention_factor = 0;
    std::vector<float> cos, sin;  // [position][frequency]
  };

  // The table of these positions and frequencies, computed unless it is one of those kept. Valid until the next call.
  const Table& find(std::span<const int32_t> positions, const Rope& rope, ThreadPool& pool);

 private:
  std::array<Table, 2> tables_;  // two: some models turn local and global layers at different speeds
  int oldest_ = 0;
};

// One of the experts that a token goes through, and the factor of its output.
struct ExpertChoice {
  int expert = 0;
  float weight = 0;
};

// What a caller asks of the routers of a mixture of experts.
struct RouterHooks {
  std::vector<std::vector<float>> bias;  // [layer][expert], added to the router's logits; no layers, or an empty one: 0
  // Told the experts of each row of the batch, ascending, layer by layer, by the thread that runs the model.
  std::function<void(int layer, int64_t row, std::span<const ExpertChoice>)> on_route;
};

// Rows of activations that a packed matrix multiplies: `x` has n_rows rows of `cols`, `stride` apart.
struct ProductInput {
  const void* matrix = nullptr;  // the address of its packed weights
  const float* x = nullptr;
  int64_t stride = 0, n_rows = 0, cols = 0;
};

struct Context {
  ThreadPool& pool;
  const KernelTable& kernels;
  Arena arena{};
  RopeTables rope_tables{};
  RouterHooks routers{};
  // Told what each product multiplies, once for each matrix and row, before its outputs are used; by any thread,
  // several at once, so it must not throw. Empty: nobody wants to know.
  std::function<void(const ProductInput&)> on_product{};
  std::function<bool()> cancelled{};  // whether the step shall end; asked by any thread; may be empty
  std::atomic<bool> stopped{false};

  // Whether `cancelled` has said so: asked by the threads between the pieces of long operations, which then end without
  // a result. It remains so until check_cancelled has thrown.
  bool stopping();
  // Error(cancelled) where `stopping`. Every operation calls it at its beginning and, if it can end early, at its end.
  void check_cancelled();
};

// Numbered pieces of an operation that the threads of a region take one after another.
class WorkQueue {
 public:
  WorkQueue(Context& context, int64_t n_pieces) : context_(context), n_pieces_(n_pieces) {}

  // The next piece, or none where all are taken or the step is cancelled.
  std::optional<int64_t> take();

 private:
  Context& context_;
  const int64_t n_pieces_;
  std::atomic<int64_t> next_{0};
};

}  // namespace loam
