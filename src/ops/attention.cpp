// Causal attention over the paged cache. The kernel attends a tile of queries that share one sequence and one head of
// keys and values to one chunk of keys; here the batch is cut into such tiles, which the threads take one after
// another. Where the tiles are too few for the threads, as when one token is generated, each chunk of a tile is a piece
// of work of its own. The results are the same: a tile's chunks are merged in ascending order in any case.
#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <deque>
#include <optional>

#include "base/error.h"
#include "ops/ops.h"
#include "quant/block_format.h"

namespace loam {
namespace {

// Queries of a tile: enough to share the work of reading and widening a page, few enough to stay in the cache.
constexpr int kTileQueries = 64;

// Keys below which the caller stores them alone: waiting for other threads' shares would cost more.
constexpr int64_t kSerialKeys = 2048;

// Fewer pieces of work than this for each thread are cut further: threads do not run equally fast.
constexpr int64_t kPiecesPerThread = 4;

// The most memory for the states of chunks that wait to be merged.
constexpr size_t kMostStateBytes = size_t{16} << 20;

// Queries that share a head of keys and values: some rows of a sequence and some of the head's query heads.
struct Tile {
  const BatchSpan* span;
  int first_row, n_rows;
  int kv_head, first_head, n_heads;
  int first_chunk, n_chunks;    // of the keys that any of the queries sees
  float* states = nullptr;      // where the chunks are pieces of their own: the state of each
  std::atomic<int> pending{0};  // pieces that are not done
};

// Some chunks of a tile.
struct Piece {
  Tile* tile;
  int first_chunk, n_chunks;
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
        group_(static_cast<int>(q.shape.cols()) / shape_.head_dim / shape_.n_kv_heads) {
    int heads = std::min(group_, kTileQueries);
    for (cut(heads); heads > 1 && std::ssize(pieces_) < context.pool.size(); cut(heads)) heads = (heads + 1) / 2;
    for (Tile& tile : tiles_)
      if (tile.pending > 1) tile.states = floats(states_floats(tile));
    queue_.emplace(context, std::ssize(pieces_));
    const auto whole_lines = [](size_t floats) { return (floats + 15) / 16 * 16; };
    state_floats_ = whole_lines(attention_state_floats(kTileQueries, shape_.value_dim));
    scratch_floats_ = whole_lines(attention_scratch_floats(kTileQueries, shape_.head_dim, shape_.value_dim));
    scratch_ = floats((scratch_floats_ + 2 * state_floats_) * static_cast<size_t>(context.pool.size()));
  }

  // Writes some of the batch's keys and values to their places in the pages.
  void store(const Tensor& k, const Tensor& v, ThreadPool::Range rows, int thread) const {
    for (const BatchSpan& span : batch_.spans) {
      const int64_t last = std::min<int64_t>(rows.end, span.first_row + span.n_rows);
      for (int64_t row = std::max<int64_t>(rows.begin, span.first_row); row < last; ++row)
        for (int head = 0; head < shape_.n_kv_heads; ++head) store_row(span, row, head, k, v, thread);
    }
  }

  // Takes pieces until none is left.
  void attend(int thread) {
    while (const auto piece = queue_->take()) attend_piece(pieces_[static_cast<size_t>(*piece)], thread);
  }

 private:
  const int32_t* page_table(const BatchSpan& span) const { return shape_.window ? span.window_pages : span.pages; }
  float* scratch(int thread) const { return scratch_ + thread * (scratch_floats_ + 2 * state_floats_); }
  float* floats(size_t n) const { return static_cast<float*>(context_.arena.allocate(n * sizeof(float))); }

  void cut(int heads) {
    tiles_.clear();
    pieces_.clear();
    cut_tiles(heads);
    cut_pieces();
  }

  // The latest rows of a sequence see the most keys: they go first, so that no thread starts a long tile at the end.
  void cut_tiles(int heads) {
    const int rows = std::max(1, kTileQueries / heads);
    for (const BatchSpan& span : batch_.spans)
      for (int end = span.n_rows; end > 0; end -= rows)
        for (int kv_head = 0; kv_head < shape_.n_kv_heads; ++kv_head)
          for (int head = 0; head < group_; head += heads)
            add_tile(span, std::max(0, end - rows), end, kv_head, kv_head * group_ + head,
                     std::min(heads, group_ - head));
  }

  void add_tile(const BatchSpan& span, int begin, int end, int kv_head, int first_head, int n_heads) {
    Tile& tile = tiles_.emplace_back();
    tile.span = &span;
    tile.first_row = span.first_row + begin, tile.n_rows = end - begin;
    tile.kv_head = kv_head, tile.first_head = first_head, tile.n_heads = n_heads;
    const int first_position = batch_.positions[static_cast<size_t>(tile.first_row)];
    tile.first_chunk = first_key(first_position) / kAttentionChunk;
    tile.n_chunks = (first_position + tile.n_rows - 1) / kAttentionChunk + 1 - tile.first_chunk;
  }

  int first_key(int position) const {
    if (shape_.window == 0) return 0;
    return shape_.chunked ? position - position % shape_.window : std::max(0, position - shape_.window + 1);
  }

  void cut_pieces() {
    const bool enough = std::ssize(tiles_) >= kPiecesPerThread * context_.pool.size();
    size_t state_bytes = 0;
    for (const Tile& tile : tiles_) state_bytes += sizeof(float) * states_floats(tile);
    for (Tile& tile : tiles_) {
      if (enough || state_bytes > kMostStateBytes || tile.n_chunks == 1) {
        pieces_.push_back({&tile, tile.first_chunk, tile.n_chunks});
        tile.pending = 1;
        continue;
      }
      tile.pending = tile.n_chunks;
      for (int i = 0; i < tile.n_chunks; ++i) pieces_.push_back({&tile, tile.first_chunk + i, 1});
    }
  }

  size_t state_floats(const Tile& tile) const {
    return attention_state_floats(tile.n_rows * tile.n_heads, shape_.value_dim);
  }
  size_t states_floats(const Tile& tile) const { return state_floats(tile) * static_cast<size_t>(tile.n_chunks); }

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

  // The rows of a tile's queries.
  struct Queries {
    int n = 0;
    std::array<const float*, kTileQueries> q;
    std::array<float*, kTileQueries> out;
    std::array<int32_t, kTileQueries> positions;
    std::array<float, kTileQueries> sinks, slopes;
  };

  Queries queries(const Tile& tile) const {
    Queries queries;
    for (int row = tile.first_row; row < tile.first_row + tile.n_rows; ++row)
      for (int head = tile.first_head; head < tile.first_head + tile.n_heads; ++head) {
        const int i = queries.n++;
        queries.q[i] = q_.row(row) + head * shape_.head_dim;
        queries.out[i] = out_.row(row) + head * shape_.value_dim;
        queries.positions[i] = batch_.positions[row];
        if (options_.sinks) queries.sinks[i] = options_.sinks.f32()[head];
        if (!options_.slopes.empty()) queries.slopes[i] = options_.slopes[static_cast<size_t>(head)];
      }
    return queries;
  }

  void attend_piece(const Piece& piece, int thread) const {
    Tile& tile = *piece.tile;
    const Queries queries = this->queries(tile);
    float *own = scratch(thread) + scratch_floats_, *next = own + state_floats_;
    float* state = tile.states ? tile.states + (piece.first_chunk - tile.first_chunk) * state_floats(tile) : own;
    attend_chunk(tile, queries, piece.first_chunk, thread, state);
    for (int i = 1; i < piece.n_chunks; ++i) {
      if (context_.stopping()) return;
      attend_chunk(tile, queries, piece.first_chunk + i, thread, next);
      context_.kernels.merge_attention(queries.n, shape_.value_dim, next, state);
    }
    if (tile.pending.fetch_sub(1, std::memory_order_acq_rel) == 1)
      finish(tile, queries, tile.states ? tile.states : state);
  }

  void attend_chunk(const Tile& tile, const Queries& queries, int chunk, int thread, float* state) const {
    const KvLayer& cache = pools_[tile.span->kv];
    context_.kernels.attention({.q = queries.q.data(),
                                .positions = queries.positions.data(),
                                .n_queries = queries.n,
                                .chunk_begin = chunk * kAttentionChunk,
                                .pages = page_table(*tile.span),
                                .k_pages = cache.k + tile.kv_head * cache.k_row_bytes() * kPageTokens,
                                .v_pages = cache.v + tile.kv_head * cache.v_row_bytes() * kPageTokens,
                                .page_stride = cache.page_stride,
                                .k_row_bytes = cache.k_row_bytes(),
                                .v_row_bytes = cache.v_row_bytes(),
                                .k_type = cache.k_type,
                                .v_type = cache.v_type,
                                .head_dim = cache.head_dim,
                                .value_dim = cache.value_dim,
                                .window = cache.window,
                                .chunked = cache.chunked,
                                .scale = options_.scale,
                                .softcap = options_.softcap,
                                .slopes = options_.slopes.empty() ? nullptr : queries.slopes.data(),
                                .scratch = scratch(thread),
                                .state = state});
  }

  // `state` is the first chunk's, or that of all.
  void finish(const Tile& tile, const Queries& queries, float* state) const {
    if (tile.states)
      for (int i = 1; i < tile.n_chunks; ++i)
        context_.kernels.merge_attention(queries.n, shape_.value_dim, state + i * state_floats(tile), state);
    context_.kernels.finish_attention(queries.n, shape_.value_dim, options_.sinks ? queries.sinks.data() : nullptr,
                                      state, queries.out.data());
  }

  Context& context_;
  const Tensor& q_;
  Tensor& out_;
  const std::span<const KvLayer> pools_;
  const KvLayer& shape_;  // of any pool: heads and window are the same in all
  const Batch& batch_;
  const AttentionOptions& options_;
  const int group_;  // query heads that share a head of keys and values
  std::deque<Tile> tiles_;
  std::vector<Piece> pieces_;
  std::optional<WorkQueue> queue_;
  size_t state_floats_, scratch_floats_;  // of a thread: the state of a whole tile, and the kernel's scratch
  float* scratch_;                        // [thread]: scratch, and two states
};

}  // namespace

Tensor Ops::attention(const Tensor& q, const Tensor& k, const Tensor& v, std::span<const KvLayer> cache,
                      const Batch& batch, const AttentionOptions& options) {
  const KvLayer& shape = cache.front();
  const int64_t n_tokens = q.shape.rows(), n_heads = q.shape.cols() / shape.head_dim;
  LOAM_CHECK(n_tokens == batch.n_rows() && q.shape.cols() % shape.head_dim == 0 && n_heads % shape.n_kv_heads == 0);
  LOAM_CHECK(!options.store || k.shape == (Shape{n_tokens, shape.n_kv_heads * shape.head_dim}));
  LOAM_CHECK(!options.store || v.shape == (Shape{n_tokens, shape.n_kv_heads * shape.value_dim}));
  LOAM_CHECK(!options.sinks || options.sinks.shape.elements() == n_heads);
  LOAM_CHECK(options.slopes.empty() || std::ssize(options.slopes) == n_heads);
  Tensor out = make(n_tokens, n_heads * shape.value_dim);

  const Arena::Scope temporaries(context_.arena);
  Attention attention(context_, q, cache, batch, options, out);
  const bool serial = !options.store || k.shape.elements() <= kSerialKeys;
  if (serial && options.store) attention.store(k, v, {0, n_tokens}, 0);
  context_.pool.run([&](int thread) {
    if (!serial) {
      attention.store(k, v, ThreadPool::split(n_tokens, 1, thread, context_.pool.size()), thread);
      context_.pool.barrier();
    }
    attention.attend(thread);
  });
  context_.check_cancelled();
  return out;
}

}  // namespace loam
