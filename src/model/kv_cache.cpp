#include "model/kv_cache.h"

#include "base/error.h"
#include "model/model_config.h"

namespace loam {

uint64_t KvCache::bytes_per_token(const ModelConfig& c) {
  return static_cast<uint64_t>(c.n_layers) * static_cast<uint64_t>(c.kv_dim() + c.v_dim()) * sizeof(uint16_t);
}

KvCache::KvCache(const ModelConfig& c, int64_t n_tokens)
    : n_pages_(static_cast<int>(pages_for(n_tokens))),
      memory_(static_cast<uint64_t>(n_pages_) * kPageTokens * bytes_per_token(c)) {
  const int64_t k_elements = c.kv_dim() * kPageTokens, v_elements = c.v_dim() * kPageTokens;
  auto* at = reinterpret_cast<uint16_t*>(memory_.data());
  for (int i = 0; i < c.n_layers; ++i, at += k_elements + v_elements)
    layers_.push_back({.k = at,
                       .v = at + k_elements,
                       .page_stride = c.n_layers * (k_elements + v_elements),
                       .n_kv_heads = c.n_kv_heads,
                       .head_dim = c.head_dim,
                       .value_dim = c.value_dim});
  for (int32_t page = n_pages_; page-- > 0;) free_.push_back(page);
}

int32_t KvCache::take_page() {
  LOAM_CHECK(!free_.empty());
  const int32_t page = free_.back();
  free_.pop_back();
  return page;
}

void KvCache::give_page(int32_t page) {
  LOAM_CHECK(page >= 0 && page < n_pages_);
  free_.push_back(page);
}

}  // namespace loam
