#include "model/kv_cache.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "base/error.h"
#include "model/model_config.h"

namespace loam {
namespace {

void check_type(const char* name, const char* where, DType type, int dim) {
  if (std::ranges::find(kKvTypes, type) != kKvTypes.end() && dim % info(type).block_size == 0) return;
  std::string fitting;
  for (const DType other : kKvTypes)
    if (dim % info(other).block_size == 0)
      fitting += fmt::format("{}{}", fitting.empty() ? "" : ", ", loam::name(other));
  throw Error(Error::Code::invalid,
              fmt::format("{} of {} numbers a head cannot be kept as {}, in blocks of {}; these types can: {}", name,
                          dim, loam::name(type), info(type).block_size, fitting),
              where);
}

KvLayer layer_of(const ModelConfig& c, const KvOptions& options) {
  return {.k_type = options.k,
          .v_type = options.v,
          .n_kv_heads = c.n_kv_heads,
          .head_dim = c.head_dim,
          .value_dim = c.value_dim};
}

// Of one token.
int64_t k_bytes(const KvLayer& layer) { return layer.n_kv_heads * layer.k_row_bytes(); }
int64_t v_bytes(const KvLayer& layer) { return layer.n_kv_heads * layer.v_row_bytes(); }

}  // namespace

void KvCache::check(const ModelConfig& c, const KvOptions& options) {
  check_type("keys", "kv-k", options.k, c.head_dim);
  check_type("values", "kv-v", options.v, c.value_dim);
}

uint64_t KvCache::bytes_per_token(const ModelConfig& c, const KvOptions& options) {
  const KvLayer layer = layer_of(c, options);
  return static_cast<uint64_t>(c.n_layers) * static_cast<uint64_t>(k_bytes(layer) + v_bytes(layer));
}

uint64_t KvCache::bytes(const ModelConfig& c, const KvOptions& options, const KvRoom& room) {
  const auto n_tokens = static_cast<uint64_t>(pages_for(room.context) * kPageTokens);
  uint64_t sum = 0;
  if (__builtin_mul_overflow(n_tokens, static_cast<uint64_t>(room.parallel), &sum) ||
      __builtin_mul_overflow(sum, bytes_per_token(c, options), &sum))
    return UINT64_MAX;
  return sum;
}

KvCache::KvCache(const ModelConfig& c, const KvOptions& options, const KvRoom& room) {
  check(c, options);
  memory_ = Buffer(bytes(c, options, room));
  n_pages_ = static_cast<int>(pages_for(room.context) * room.parallel);
  KvLayer layer = layer_of(c, options);
  const int64_t k_page = k_bytes(layer) * kPageTokens, v_page = v_bytes(layer) * kPageTokens;
  layer.page_stride = c.n_layers * (k_page + v_page);
  std::byte* at = memory_.data();
  for (int i = 0; i < c.n_layers; ++i, at += k_page + v_page) {
    layer.k = at, layer.v = at + k_page;
    layers_.push_back(layer);
  }
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
