// The keys and values of every token so far, in pages of kPageTokens tokens that sequences take and give back.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "ops/ops.h"
#include "tensor/tensor.h"

namespace loam {

struct ModelConfig;

// The types that keys and values can be kept in, the largest first.
inline constexpr std::array kKvTypes = {DType::f32, DType::f16, DType::bf16, DType::q8_0, DType::q4_0};

struct KvOptions {
  DType k = DType::f16, v = DType::f16;  // of kKvTypes
};

// How much a cache holds.
struct KvRoom {
  int64_t context = 0;  // tokens of one sequence
  int parallel = 1;     // sequences that fit at full context
  int chunk = 512;      // most tokens that one sequence adds in a step
};

class KvCache {
 public:
  // The system gives the memory page by page as it is used: a short conversation in a long context costs what it holds.
  // Error as `check`.
  KvCache(const ModelConfig& config, const KvOptions& options, const KvRoom& room);

  const KvLayer& layer(int i) const { return layers_[i]; }
  int n_pages() const { return n_pages_; }
  int free_pages() const { return static_cast<int>(free_.size()); }
  int32_t take_page();  // LOAM_CHECKs that one is free
  void give_page(int32_t page);

  // Error(invalid) naming the option and the types that the model's heads can be kept in: a head's size must be a
  // multiple of the type's block.
  static void check(const ModelConfig& config, const KvOptions& options);
  // One token's keys and values in all layers. The head sizes fit the types (`check`), here and below.
  static uint64_t bytes_per_token(const ModelConfig& config, const KvOptions& options);
  // The whole cache, whether used or not; UINT64_MAX where the sum overflows.
  static uint64_t bytes(const ModelConfig& config, const KvOptions& options, const KvRoom& room);
  // Pages that hold n tokens.
  static int64_t pages_for(int64_t n_tokens) { return (n_tokens + kPageTokens - 1) / kPageTokens; }

 private:
  int n_pages_ = 0;
  Buffer memory_;  // [page][layer]: keys [kv_head], values [kv_head], each as AttentionArgs says
  std::vector<KvLayer> layers_;
  std::vector<int32_t> free_;  // the next to take last
};

}  // namespace loam
