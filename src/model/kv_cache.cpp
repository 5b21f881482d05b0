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

KvLayer layer_of(const ModelConfig& c, int i, const KvOptions& options) {
  const LayerConfig& layer = c.layer(i);
  return {.k_type = options.k,
          .v_type = options.v,
          .n_kv_heads = layer.n_kv_heads,
          .head_dim = layer.head_dim,
          .value_dim = layer.value_dim,
          .window = c.window(i),
          .chunked = c.window_is_chunk && c.window(i) > 0};
}

// Of one token.
int64_t k_bytes(const KvLayer& layer) { return layer.n_kv_heads * layer.k_row_bytes(); }
int64_t v_bytes(const KvLayer& layer) { return layer.n_kv_heads * layer.v_row_bytes(); }

bool has_window(const ModelConfig& c, int i) { return c.window(i) > 0 && c.layer(i).n_kv_heads > 0; }

int n_window_layers(const ModelConfig& c) {
  int n = 0;
  for (int i = 0; i < c.n_layers; ++i) n += has_window(c, i);
  return n;
}

// KvCache::most_window_pages
int64_t window_pages_of(const ModelConfig& c, const KvRoom& room) {
  if (n_window_layers(c) == 0) return 0;
  const int64_t seen = KvCache::pages_for(int64_t{c.sliding_window} - 1);
  const int64_t further = (kPageTokens - 2 + int64_t{room.chunk}) / kPageTokens;
  return std::min(KvCache::pages_for(room.context), seen + 1 + further);
}

// Where no layer keeps keys and values a page only stands for its tokens' names in the prefix cache.
constexpr uint64_t kEmptyPageBytes = 64;

uint64_t saturating_sum(uint64_t a, uint64_t b) {
  uint64_t sum = 0;
  return __builtin_add_overflow(a, b, &sum) ? UINT64_MAX : sum;
}

// Of one token in the layers with or without a window.
uint64_t token_bytes(const ModelConfig& c, const KvOptions& options, bool with_window) {
  uint64_t bytes = 0;
  for (int i = 0; i < c.n_layers; ++i) {
    const KvLayer layer = layer_of(c, i, options);
    if (has_window(c, i) == with_window) bytes += static_cast<uint64_t>(k_bytes(layer) + v_bytes(layer));
  }
  return bytes;
}

uint64_t page_bytes(const ModelConfig& c, const KvOptions& options, bool with_window) {
  const uint64_t bytes = token_bytes(c, options, with_window) * kPageTokens;
  return with_window ? bytes : std::max(bytes, kEmptyPageBytes);
}

// UINT64_MAX where it overflows.
uint64_t saturating_product(uint64_t a, uint64_t b, uint64_t c) {
  uint64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) || __builtin_mul_overflow(product, c, &product) ? UINT64_MAX : product;
}

}  // namespace

void KvCache::check(const ModelConfig& c, const KvOptions& options) {
  for (const LayerConfig& layer : c.layers) {
    if (layer.n_kv_heads == 0) continue;
    check_type("keys", "kv-k", options.k, layer.head_dim);
    check_type("values", "kv-v", options.v, layer.value_dim);
  }
}

bool KvCache::fits(const ModelConfig& c, const KvOptions& options) {
  return std::ranges::all_of(c.layers, [&](const LayerConfig& layer) {
    return layer.n_kv_heads == 0 ||
           (layer.head_dim % info(options.k).block_size == 0 && layer.value_dim % info(options.v).block_size == 0);
  });
}

uint64_t KvCache::bytes_per_token(const ModelConfig& c, const KvOptions& options) {
  return token_bytes(c, options, false) + token_bytes(c, options, true);
}

uint64_t KvCache::bytes(const ModelConfig& c, const KvOptions& options, const KvRoom& room) {
  const auto bytes_of_pages = [&](int64_t n_pages, bool with_window) {
    return saturating_product(static_cast<uint64_t>(n_pages), static_cast<uint64_t>(room.parallel),
                              page_bytes(c, options, with_window));
  };
  return saturating_sum(bytes_of_pages(pages_for(room.context), false), bytes_of_pages(window_pages_of(c, room), true));
}

KvCache::KvCache(const ModelConfig& c, const KvOptions& options, const KvRoom& room)
    : config_(std::make_unique<ModelConfig>(c)),
      window_(n_window_layers(c) > 0 ? c.sliding_window : 0),
      most_window_pages_(window_pages_of(c, room)),
      budget_((check(c, options), saturating_sum(bytes(c, options, room), StateCache::bytes(c, room)))),
      states_(c, budget_),
      layers_(static_cast<size_t>(c.n_layers)) {
  pool(options);
}

KvCache::~KvCache() = default;

KvPool& KvCache::pool(const KvOptions& options) {
  for (const auto& known : pools_)
    if (known->types == options) return *known;
  check(*config_, options);
  pools_.push_back(std::make_unique<KvPool>(KvPool{.types = options,
                                                   .index = static_cast<int>(pools_.size()),
                                                   .pages = {page_bytes(*config_, options, false), budget_},
                                                   .window_pages = {page_bytes(*config_, options, true), budget_}}));
  lay_out(*pools_.back());
  return *pools_.back();
}

// Places the layers in the pool's pages, those of each kind one after another.
void KvCache::lay_out(const KvPool& pool) {
  uint64_t at[2] = {0, 0};  // in a page without a window, and with one
  for (int i = 0; i < config_->n_layers; ++i) {
    KvLayer layer = layer_of(*config_, i, pool.types);
    const PagePool& pages = layer.window > 0 ? pool.window_pages : pool.pages;
    uint64_t& begin = at[layer.window > 0];
    layer.page_stride = static_cast<int64_t>(pages.page_bytes());
    layer.k = pages.data() + begin;
    layer.v = layer.k + k_bytes(layer) * kPageTokens;
    begin += static_cast<uint64_t>(k_bytes(layer) + v_bytes(layer)) * kPageTokens;
    layers_[static_cast<size_t>(i)].push_back(layer);
  }
}

uint64_t KvCache::free_bytes() const {
  uint64_t taken = states_.slots().page_bytes() * static_cast<uint64_t>(states_.slots().n_taken());
  for (const auto& pool : pools_)
    for (const PagePool* pages : {&pool->pages, &pool->window_pages})
      taken += pages->page_bytes() * static_cast<uint64_t>(pages->n_taken());
  return budget_ - taken;
}

uint64_t KvCache::bytes_for(const KvPool& pool, int64_t n_tokens) const {
  const int64_t n = pages_for(n_tokens);
  return static_cast<uint64_t>(n) * pool.pages.page_bytes() + states_.slots().page_bytes() +
         static_cast<uint64_t>(std::min(n, most_window_pages_)) * pool.window_pages.page_bytes();
}

int64_t KvCache::most_tokens(const KvPool& pool) const {
  const uint64_t budget = budget_ - states_.slots().page_bytes();
  const uint64_t windows = static_cast<uint64_t>(most_window_pages_) * pool.window_pages.page_bytes();
  const uint64_t both = pool.pages.page_bytes() + pool.window_pages.page_bytes();
  const uint64_t in_windows = std::min<uint64_t>(budget / both, static_cast<uint64_t>(most_window_pages_));
  if (budget <= windows) return static_cast<int64_t>(in_windows) * kPageTokens;
  return static_cast<int64_t>(std::max(in_windows, (budget - windows) / pool.pages.page_bytes())) * kPageTokens;
}

// Where the pages that hold memory would exceed the budget, pages of other kinds that were given back lose theirs.
int32_t KvCache::take(PagePool& pages) {
  LOAM_CHECK(free_bytes() >= pages.page_bytes());
  uint64_t held = states_.slots().held_bytes();
  for (const auto& pool : pools_) held += pool->pages.held_bytes() + pool->window_pages.held_bytes();
  if (!pages.has_kept() && held + pages.page_bytes() > budget_) {
    states_.slots().release();
    for (const auto& pool : pools_) pool->pages.release(), pool->window_pages.release();
  }
  return pages.take();
}

}  // namespace loam
