// The keys and values of every token so far, in pages of kPageTokens tokens that sequences take and give back.
#pragma once

#include <cstdint>
#include <vector>

#include "model/kv_type.h"
#include "ops/ops.h"
#include "tensor/tensor.h"

namespace loam {

struct ModelConfig;

struct KvOptions {
  DType k = DType::f16, v = DType::f16;  // of kKvTypes
};

// How much a cache holds.
struct KvRoom {
  int64_t context = 0;  // tokens of one sequence
  int parallel = 1;     // sequences that fit at full context
  int chunk = 512;      // most tokens that one sequence adds in a step
};

// Pages by number, taken and given back.
class PagePool {
 public:
  explicit PagePool(int64_t n_pages);
  int n_pages() const { return n_pages_; }
  int n_free() const { return static_cast<int>(free_.size()); }
  int32_t take();  // LOAM_CHECKs that one is free
  void give(int32_t page);

 private:
  int n_pages_;
  std::vector<int32_t> free_;  // the next to take last
};

// Layers that see everything and layers with a window have pages of their own. A sequence keeps all of the former; of
// the latter it uses `ring_pages` by turns, so that they hold the window and what a step adds.
class KvCache {
 public:
  // The system gives the memory page by page as it is used: a short conversation in a long context costs what it holds.
  // Error as `check`.
  KvCache(const ModelConfig& config, const KvOptions& options, const KvRoom& room);

  const KvLayer& layer(int i) const { return layers_[i]; }
  PagePool& pages() { return pages_; }
  PagePool& window_pages() { return window_pages_; }
  int64_t ring_pages() const { return ring_pages_; }  // 0 where no layer has a window
  int window() const { return window_; }              // of those layers that have one

  // Error(invalid) naming the option and the types that the model's heads can be kept in: a head's size must be a
  // multiple of the type's block.
  static void check(const ModelConfig& config, const KvOptions& options);
  // One token's keys and values in all layers, also those that forget it behind their window. The head sizes fit the
  // types (`check`), here and below.
  static uint64_t bytes_per_token(const ModelConfig& config, const KvOptions& options);
  // The whole cache, whether used or not; UINT64_MAX where the sum overflows.
  static uint64_t bytes(const ModelConfig& config, const KvOptions& options, const KvRoom& room);
  // Pages that hold n tokens.
  static int64_t pages_for(int64_t n_tokens) { return (n_tokens + kPageTokens - 1) / kPageTokens; }

 private:
  std::byte* lay_out(const ModelConfig& config, bool with_window, int64_t n_pages, std::byte* memory);

  int window_;
  int64_t ring_pages_;
  PagePool pages_, window_pages_;
  Buffer memory_;  // pages, then window pages: [page][layer]: keys [kv_head], values [kv_head], as AttentionArgs says
  std::vector<KvLayer> layers_;
};

}  // namespace loam
