// The keys and values of every token so far, in pages of kPageTokens tokens that sequences take and give back.
#pragma once

#include <cstdint>
#include <vector>

#include "ops/ops.h"
#include "tensor/tensor.h"

namespace loam {

struct ModelConfig;

class KvCache {
 public:
  // Room for `n_tokens` in all, rounded up to pages. The system gives the memory page by page as it is used: a short
  // conversation in a long context costs what it holds.
  KvCache(const ModelConfig& config, int64_t n_tokens);

  const KvLayer& layer(int i) const { return layers_[i]; }
  int n_pages() const { return n_pages_; }
  int free_pages() const { return static_cast<int>(free_.size()); }
  int32_t take_page();  // LOAM_CHECKs that one is free
  void give_page(int32_t page);

  static uint64_t bytes_per_token(const ModelConfig& config);
  // Pages that hold n tokens.
  static int64_t pages_for(int64_t n_tokens) { return (n_tokens + kPageTokens - 1) / kPageTokens; }

 private:
  int n_pages_ = 0;
  Buffer memory_;  // f16 [page][layer]: keys [kv_head][head_dim][kPageTokens], values [kv_head][kPageTokens][value_dim]
  std::vector<KvLayer> layers_;
  std::vector<int32_t> free_;  // the next to take last
};

}  // namespace loam
