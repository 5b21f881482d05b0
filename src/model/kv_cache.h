// The keys and values of every token so far, in pages of kPageTokens tokens that sequences take and give back.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "model/kv_type.h"
#include "model/page_pool.h"
#include "model/state_cache.h"
#include "ops/ops.h"

namespace loam {

struct ModelConfig;

struct KvOptions {
  DType k = DType::f16, v = DType::f16;  // of kKvTypes
  bool operator==(const KvOptions&) const = default;
};

// How much a cache holds.
struct KvRoom {
  int64_t context = 0;  // tokens of one sequence
  int parallel = 1;     // sequences that fit at full context
  int chunk = 512;      // most tokens that one sequence adds in a step
};

// The pages of one pair of types. Layers that see everything and layers with a window have pages of their own: of the
// latter a sequence needs only those that its next tokens see.
struct KvPool {
  KvOptions types;
  int index = 0;  // BatchSpan::kv
  PagePool pages, window_pages;
};

// Pools of several types share one budget of memory: a page of any of them can be taken while the budget has room for
// its bytes.
class KvCache {
 public:
  // The budget is what `room` needs with the types of `options`. The system gives the memory page by page as it is
  // used: a short conversation in a long context costs what it holds. Error as `check`.
  KvCache(const ModelConfig& config, const KvOptions& options, const KvRoom& room);
  ~KvCache();

  // The states of layers that have one, in the same budget.
  StateCache& states() { return states_; }
  const StateCache& states() const { return states_; }
  // Layer i in each pool: indexed by BatchSpan::kv. Valid until the next new pool.
  std::span<const KvLayer> layer(int i) const { return layers_[static_cast<size_t>(i)]; }
  // The pool of these types, made when it is first asked for. Error as `check`.
  KvPool& pool(const KvOptions& options);
  int window() const { return window_; }  // tokens; of those layers that have one, 0 where none has

  uint64_t budget() const { return budget_; }
  uint64_t free_bytes() const;  // of the budget
  // Pages for layers with a window that a sequence may have: what is seen from the last page boundary, from where it
  // may go on, and a step's tokens.
  int64_t most_window_pages() const { return most_window_pages_; }
  // Bytes that n tokens of a sequence need, with its windows and its state.
  uint64_t bytes_for(const KvPool& pool, int64_t n_tokens) const;
  // The most tokens of one sequence that the whole budget holds.
  int64_t most_tokens(const KvPool& pool) const;

  // A page of one of the pools' kinds. LOAM_CHECKs that the budget has room for it.
  int32_t take(PagePool& pages);

  // Error(invalid) naming the option and the types that the model's heads can be kept in: a head's size must be a
  // multiple of the type's block.
  static void check(const ModelConfig& config, const KvOptions& options);
  static bool fits(const ModelConfig& config, const KvOptions& options);  // whether `check` passes
  // One token's keys and values in all layers, also those that forget it behind their window. The head sizes fit the
  // types (`check`), here and below.
  static uint64_t bytes_per_token(const ModelConfig& config, const KvOptions& options);
  // All pages, whether used or not; UINT64_MAX where the sum overflows. States come on top (StateCache::bytes).
  static uint64_t bytes(const ModelConfig& config, const KvOptions& options, const KvRoom& room);
  // Pages that hold n tokens.
  static int64_t pages_for(int64_t n_tokens) { return (n_tokens + kPageTokens - 1) / kPageTokens; }

 private:
  void lay_out(const KvPool& pool);

  const std::unique_ptr<const ModelConfig> config_;
  const int window_;
  const int64_t most_window_pages_;  // of one sequence
  const uint64_t budget_;
  StateCache states_;
  std::vector<std::unique_ptr<KvPool>> pools_;
  // [layer][pool]. A page holds, layer by layer: keys [kv_head], values [kv_head], as AttentionArgs says.
  std::vector<std::vector<KvLayer>> layers_;
};

}  // namespace loam
