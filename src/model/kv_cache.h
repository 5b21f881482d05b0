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
  // Room for `n_tokens` in all, rounded up to pages. Memory is taken from the system page by page as it is used.
  KvCache(const ModelConfig& config, int64_t n_tokens);

  const KvLayer& layer(int i) const { return layers_[i]; }
  int n_pages() const { return n_pages_; }
  int free_pages() const { return static_cast<int>(free_.size()); }
  int32_t take_page();  // LOAM_CHECKs that one is free
  void give_page(int32_t page);
  static uint64_t bytes_per_token(const ModelConfig& config);

 private:
  int n_pages_ = 0;
  std::vector<Buffer> buffers_;
  std::vector<KvLayer> layers_;
  std::vector<int32_t> free_;
};

}  // namespace loam
