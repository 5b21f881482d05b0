// Causal attention over the paged cache. The kernel attends a tile of queries that share one sequence and one head of
// keys and values; here the batch is cut into such tiles, which the threads take one after another.
#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>

#include "base/error.h"
#include "ops/ops.h"
#include "quant/block_format.h"

namespace loam {
namespace {

// Queries of a tile: enough to share the work of reading and widening a page, few enough to stay in the cache.
constexpr int kTileQueries = 64;

// Keys below which the caller stores them alone: waiting for other threads' shares would cost more.
constexpr int64_t kSerialKeys = 2048;

// Consecutive rows of one sequence.
struct Tile {
  const BatchSpan* span;
  int first_row, n_rows;
};

// Puts one token's key into its column `slot` of a page: of each block the first number, which is a quantised block's
// scale, and then what follows byte by byte (layout: AttentionArgs).
template <class First>
void transpose_blocks(const std::byte* block, int64_t block_bytes, int64_t n_blocks, std::byte* page, int64_t slot) {
  for (int64_t b = 0; b < n_blocks; ++b, block += block_bytes, page += block_bytes * kPageTokens) {
    std::memcpy(page + slot * sizeof(First), block, sizeof(First));
    for (int64_t i = sizeof(First); i < block_bytes; ++i) page[i * kPageTokens + slot] = block[i];
  }
}

void transpose_key(const std::byte* key, DType type, int64_t head_dim, std::byte* page, int64_t slot) {
  const DTypeInfo& format = info(type);
  const auto transpose = type == DType::f32 ? transpose_blocks<float> : transpose_blocks<uint16_t>;
  transpose(key, format.block_bytes, head_dim / format.block_size, page, slot);
}

class Attention {
 public:
  Attention(Context& context, const Tensor& q, std::span<const KvLayer> pools, const Batch& batch,
            const AttentionOptions& options, Tensor& out)
      : context_(context),
        q_(q),
        out_(out),
        pools_(pools),
        shape_(pools.front()),
        batch_(batch),
        options_(options),
        n_heads_(static_cast<int>(q.shape.cols()) / shape_.head_dim),
        group_(n_heads_ / shape_.n_kv_heads) {
    heads_per_item_ = std::min(group_, kTileQueries);
    cut_tiles(std::max(1, kTileQueries / heads_per_item_));
    while (heads_per_item_ > 1 && n_items() < context.pool.size()) heads_per_item_ = (heads_per_item_ + 1) / 2;
    scratch_floats_ =
        (attention_scratch_floats(context.kernels, kTileQueries, shape_.head_dim, shape_.value_dim) + 15) / 16 * 16;
    scratch_ = static_cast<float*>(context.arena.allocate(scratch_floats_ * sizeof(float) * context.pool.size()));
  }

  // Writes some of the batch's keys and values to their places in the pages.
  void store(const Tensor& k, const Tensor& v, ThreadPool::Range rows, int thread) const {
    for (const BatchSpan& span : batch_.spans) {
      const int64_t last = std::min<int64_t>(rows.end, span.first_row + span.n_rows);
      for (int64_t row = std::max<int64_t>(rows.begin, span.first_row); row < last; ++row)
        for (int head = 0; head < shape_.n_kv_heads; ++head) store_row(span, row, head, k, v, thread);
    }
  }

  // Takes tiles until none is left.
  void attend(int thread) {
    const int n = n_items();
    for (int item; (item = next_item_.fetch_add(1, std::memory_order_relaxed)) < n;) attend_item(item, thread);
  }

 private:
  int n_parts() const { return (group_ + heads_per_item_ - 1) / heads_per_item_; }
  int n_items() const { return static_cast<int>(tiles_.size()) * shape_.n_kv_heads * n_parts(); }
  const int32_t* page_table(const BatchSpan& span) const { return shape_.window ? span.window_pages : span.pages; }
  float* scratch(int thread) const { return scratch_ + thread * scratch_floats_; }

  // The latest rows of a sequence see the most keys: they go first, so that no thread starts a long tile at the end.
  void cut_tiles(int rows_per_tile) {
    for (const BatchSpan& span : batch_.spans)
      for (int end = span.n_rows; end > 0; end -= rows_per_tile) {
        const int begin = std::max(0, end - rows_per_tile);
        tiles_.push_back({&span, span.first_row + begin, end - begin});
      }
  }

  void store_row(const BatchSpan& span, int64_t row, int head, const Tensor& k, const Tensor& v, int thread) const {
    const KvLayer& cache = pools_[span.kv];
    const int32_t position = batch_.positions[row];
    const int64_t page = page_table(span)[position / kPageTokens] * cache.page_stride, slot = position % kPageTokens;
    const int64_t k_bytes = cache.k_row_bytes(), v_bytes = cache.v_row_bytes();

    auto* key = reinterpret_cast<std::byte*>(scratch(thread));
    encode(k.row(row) + head * cache.head_dim, cache.head_dim, cache.k_type, key);
    transpose_key(key, cache.k_type, cache.head_dim, cache.k + page + head * k_bytes * kPageTokens, slot);
    std::byte* value = cache.v + page + (head * kPageTokens + slot) * v_bytes;
    encode(v.row(row) + head * cache.value_dim, cache.value_dim, cache.v_type, value);
  }

  void encode(const float* x, int64_t n, DType type, std::byte* out) const {
    if (type == DType::f16) return context_.kernels.to_f16(x, n, reinterpret_cast<uint16_t*>(out));
    find_format(type)->encode(x, n, out);
  }

  void attend_item(int item, int thread) const {
    const int part = item % n_parts(), kv_head = item / n_parts() % shape_.n_kv_heads;
    const Tile& tile = tiles_[item / n_parts() / shape_.n_kv_heads];
    const KvLayer& cache = pools_[tile.span->kv];
    const int first_head = kv_head * group_ + part * heads_per_item_;
    const int last_head = std::min(first_head + heads_per_item_, (kv_head + 1) * group_);

    std::array<const float*, kTileQueries> q;
    std::array<float*, kTileQueries> out;
    std::array<int32_t, kTileQueries> positions;
    std::array<float, kTileQueries> sinks;
    int n = 0;
    for (int row = tile.first_row; row < tile.first_row + tile.n_rows; ++row)
      for (int head = first_head; head < last_head; ++head, ++n) {
        q[n] = q_.row(row) + head * cache.head_dim;
        out[n] = out_.row(row) + head * cache.value_dim;
        positions[n] = batch_.positions[row];
        if (options_.sinks) sinks[n] = options_.sinks.f32()[head];
      }
    context_.kernels.attention({.q = q.data(),
                                .out = out.data(),
                                .positions = positions.data(),
                                .n_queries = n,
                                .pages = page_table(*tile.span),
                                .k_pages = cache.k + kv_head * cache.k_row_bytes() * kPageTokens,
                                .v_pages = cache.v + kv_head * cache.v_row_bytes() * kPageTokens,
                                .page_stride = cache.page_stride,
                                .k_row_bytes = cache.k_row_bytes(),
                                .v_row_bytes = cache.v_row_bytes(),
                                .k_type = cache.k_type,
                                .v_type = cache.v_type,
                                .head_dim = cache.head_dim,
                                .value_dim = cache.value_dim,
                                .window = cache.window,
                                .scale = options_.scale,
                                .softcap = options_.softcap,
                                .sinks = options_.sinks ? sinks.data() : nullptr,
                                .scratch = scratch(thread)});
  }

  Context& context_;
  const Tensor& q_;
  Tensor& out_;
  const std::span<const KvLayer> pools_;
  const KvLayer& shape_;  // of any pool: heads and window are the same in all
  const Batch& batch_;
  const AttentionOptions& options_;
  const int n_heads_, group_;  // query heads in all, and those that share a head of keys and values
  int heads_per_item_;
  std::vector<Tile> tiles_;
  size_t scratch_floats_;
  float* scratch_;
  std::atomic<int> next_item_{0};
};

}  // namespace

Tensor Ops::attention(const Tensor& q, const Tensor& k, const Tensor& v, std::span<const KvLayer> cache,
                      const Batch& batch, const AttentionOptions& options) {
  const KvLayer& shape = cache.front();
  const int64_t n_tokens = q.shape.rows(), n_heads = q.shape.cols() / shape.head_dim;
  LOAM_CHECK(n_tokens == batch.n_rows() && q.shape.cols() % shape.head_dim == 0 && n_heads % shape.n_kv_heads == 0);
  LOAM_CHECK(k.shape == (Shape{n_tokens, shape.n_kv_heads * shape.head_dim}));
  LOAM_CHECK(v.shape == (Shape{n_tokens, shape.n_kv_heads * shape.value_dim}));
  LOAM_CHECK(!options.sinks || options.sinks.shape.elements() == n_heads);
  Tensor out = make(n_tokens, n_heads * shape.value_dim);

  const Arena::Scope temporaries(context_.arena);
  Attention attention(context_, q, cache, batch, options, out);
  const bool serial = k.shape.elements() <= kSerialKeys;
  if (serial) attention.store(k, v, {0, n_tokens}, 0);
  context_.pool.run([&](int thread) {
    if (!serial) {
      attention.store(k, v, ThreadPool::split(n_tokens, 1, thread, context_.pool.size()), thread);
      context_.pool.barrier();
    }
    attention.attend(thread);
  });
  return out;
}

}  // namespace loam
