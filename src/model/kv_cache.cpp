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

int n_window_layers(const ModelConfig& c) {
  int n = 0;
  for (int i = 0; i < c.n_layers; ++i) n += c.window(i) > 0;
  return n;
}

// The window and a step's tokens begin and end anywhere in a page.
int64_t ring_pages_of(const ModelConfig& c, const KvRoom& room) {
  if (n_window_layers(c) == 0) return 0;
  return std::min(KvCache::pages_for(room.context), KvCache::pages_for(int64_t{c.sliding_window} + room.chunk) + 1);
}

// UINT64_MAX where it overflows.
uint64_t saturating_product(uint64_t a, uint64_t b, uint64_t c) {
  uint64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) || __builtin_mul_overflow(product, c, &product) ? UINT64_MAX : product;
}

}  // namespace

PagePool::PagePool(int64_t n_pages) : n_pages_(static_cast<int>(n_pages)) {
  for (int32_t page = n_pages_; page-- > 0;) free_.push_back(page);
}

int32_t PagePool::take() {
  LOAM_CHECK(!free_.empty());
  const int32_t page = free_.back();
  free_.pop_back();
  return page;
}

void PagePool::give(int32_t page) {
  LOAM_CHECK(page >= 0 && page < n_pages_);
  free_.push_back(page);
}

void KvCache::check(const ModelConfig& c, const KvOptions& options) {
  check_type("keys", "kv-k", options.k, c.head_dim);
  check_type("values", "kv-v", options.v, c.value_dim);
}

uint64_t KvCache::bytes_per_token(const ModelConfig& c, const KvOptions& options) {
  const KvLayer layer = layer_of(c, options);
  return static_cast<uint64_t>(c.n_layers) * static_cast<uint64_t>(k_bytes(layer) + v_bytes(layer));
}

uint64_t KvCache::bytes(const ModelConfig& c, const KvOptions& options, const KvRoom& room) {
  const auto per_layer = bytes_per_token(c, options) / static_cast<uint64_t>(c.n_layers);
  const auto bytes_of_layers = [&](int n_layers, int64_t n_pages) {
    return saturating_product(static_cast<uint64_t>(n_pages * kPageTokens), static_cast<uint64_t>(room.parallel),
                              static_cast<uint64_t>(n_layers) * per_layer);
  };
  const int n_window = n_window_layers(c);
  const uint64_t full = bytes_of_layers(c.n_layers - n_window, pages_for(room.context));
  const uint64_t window = bytes_of_layers(n_window, ring_pages_of(c, room));
  uint64_t sum = 0;
  return __builtin_add_overflow(full, window, &sum) ? UINT64_MAX : sum;
}

KvCache::KvCache(const ModelConfig& c, const KvOptions& options, const KvRoom& room)
    : window_(c.sliding_window),
      ring_pages_(ring_pages_of(c, room)),
      pages_(pages_for(room.context) * room.parallel),
      window_pages_(ring_pages_ * room.parallel) {
  check(c, options);
  memory_ = Buffer(bytes(c, options, room));
  layers_.resize(static_cast<size_t>(c.n_layers), layer_of(c, options));
  std::byte* end_of_pages = lay_out(c, false, pages_.n_pages(), memory_.data());
  lay_out(c, true, window_pages_.n_pages(), end_of_pages);
}

// Places the layers of one kind in their pages, which begin at `memory`. → the end of those pages
std::byte* KvCache::lay_out(const ModelConfig& c, bool with_window, int64_t n_pages, std::byte* memory) {
  std::byte* at = memory;
  for (int i = 0; i < c.n_layers; ++i) {
    KvLayer& layer = layers_[static_cast<size_t>(i)];
    if ((c.window(i) > 0) != with_window) continue;
    layer.window = c.window(i);
    layer.k = at;
    layer.v = at += k_bytes(layer) * kPageTokens;
    at += v_bytes(layer) * kPageTokens;
  }
  const int64_t page_bytes = at - memory;
  for (int i = 0; i < c.n_layers; ++i)
    if ((c.window(i) > 0) == with_window) layers_[static_cast<size_t>(i)].page_stride = page_bytes;
  return memory + n_pages * page_bytes;
}

}  // namespace loam
