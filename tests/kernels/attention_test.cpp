// Attention of every instruction set against its formula in double precision, and bit for bit against itself.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <utility>
#include <vector>

#include "kernels/kernel_table.h"
#include "quant/block_format.h"
#include "tests/kernels/tested_kernels.h"

namespace loam {
namespace {

using test::tested_kernels;

using Floats = std::vector<float>;

constexpr DType kTypes[] = {DType::f32, DType::f16, DType::bf16, DType::q8_0, DType::q4_0};

struct Types {
  DType k = DType::f16, v = DType::f16;
};

// One head's cache in shuffled pages, in which n_tokens tokens are written; every other byte is 255, which makes NaN of
// every type. `keys` and `values` are what the pages hold, in float32.
struct Cache {
  int head_dim, value_dim;
  Types types;
  std::vector<int32_t> pages;
  std::vector<uint8_t> memory;
  int64_t k_page, page_stride;
  Floats keys, values;

  Cache(int head_dim, int value_dim, int n_tokens, Types types = {})
      : head_dim(head_dim), value_dim(value_dim), types(types) {
    const int n_pages = (n_tokens + kPageTokens - 1) / kPageTokens;
    for (int i = 0; i < n_pages; ++i) pages.push_back((i * 7 + 3) % 11 + i / 11 * 11);
    k_page = (bytes_of(types.k, head_dim) + 7) * kPageTokens;  // as if other heads stood between
    page_stride = k_page + bytes_of(types.v, value_dim) * kPageTokens + 24;
    memory.assign((n_pages + 10) / 11 * 11 * page_stride, 255);
    std::mt19937 random(head_dim * 1000);
    std::normal_distribution<float> normal;
    for (int t = 0; t < n_tokens; ++t) {
      Floats key(head_dim), value(value_dim);
      for (float& x : key) x = normal(random);
      for (float& x : value) x = normal(random);
      store_key(t, key);
      store_value(t, value);
    }
  }

  uint8_t* page_of(int t) { return &memory[pages[t / kPageTokens] * page_stride]; }

  // The layout that AttentionArgs tells of: a block's first number and then its bytes, each beside those of the page's
  // other tokens.
  void store_key(int t, const Floats& key) {
    const int block_bytes = info(types.k).block_bytes;
    const int first = types.k == DType::f32 ? 4 : 2;
    const std::vector<uint8_t> row = encoded(key, types.k, keys, t);
    for (size_t i = 0; i < row.size(); ++i) {
      const size_t block = i / block_bytes, byte = i % block_bytes;
      const size_t place = byte < size_t(first) ? t % kPageTokens * first + byte : byte * kPageTokens + t % kPageTokens;
      page_of(t)[block * block_bytes * kPageTokens + place] = row[i];
    }
  }

  void store_value(int t, const Floats& value) {
    const std::vector<uint8_t> row = encoded(value, types.v, values, t);
    std::ranges::copy(row, page_of(t) + k_page + t % kPageTokens * row.size());
  }

  // The row's blocks; what they decode to becomes row t of `decoded`.
  static std::vector<uint8_t> encoded(const Floats& row, DType type, Floats& decoded, int t) {
    const auto n = static_cast<int64_t>(row.size());
    std::vector<uint8_t> blocks(bytes_of(type, n));
    find_format(type)->encode(row.data(), n, blocks.data());
    if (std::ssize(decoded) < (t + 1) * n) decoded.resize((t + 1) * n);
    find_format(type)->decode(blocks.data(), n, &decoded[t * n]);
    return blocks;
  }
};

struct Options {
  int window = 0;
  float softcap = 0;
  bool sinks = false;
  bool chunked = false;
  bool alibi = false;

  int first_visible(int position) const {
    if (window == 0) return 0;
    return chunked ? position - position % window : std::max(0, position - window + 1);
  }
};

// `per_position` queries at each position from first to last, as many heads of a group are.
struct Queries {
  std::vector<int32_t> positions;
  Floats q, sinks, slopes;
  int head_dim;

  Queries(int first, int last, int per_position, int head_dim) : head_dim(head_dim) {
    std::mt19937 random(17);
    std::normal_distribution<float> normal;
    for (int p = 0; p <= last; ++p)
      for (int i = 0; i < per_position; ++i) {  // a position's queries are the same whatever `first` is
        const float sink = normal(random);
        Floats row(head_dim);
        for (float& x : row) x = normal(random);
        if (p < first) continue;
        positions.push_back(p);
        sinks.push_back(sink);
        slopes.push_back(0.5f / static_cast<float>(1 + i));
        q.insert(q.end(), row.begin(), row.end());
      }
  }
  int n() const { return static_cast<int>(positions.size()); }
};

// Runs queries [begin, end) as one tile, chunk by chunk.
Floats attend(const KernelTable& kernels, const Cache& cache, const Queries& queries, const Options& options, int begin,
              int end) {
  const int n = end - begin;
  Floats out(n * cache.value_dim, NAN);
  Floats scratch(attention_scratch_floats(n, cache.head_dim, cache.value_dim), NAN);
  Floats state(attention_state_floats(n, cache.value_dim), NAN), next(state);
  std::vector<const float*> q;
  std::vector<float*> rows;
  for (int i = 0; i < n; ++i) {
    q.push_back(&queries.q[(begin + i) * cache.head_dim]);
    rows.push_back(&out[i * cache.value_dim]);
  }
  AttentionArgs args{.q = q.data(),
                     .positions = &queries.positions[begin],
                     .n_queries = n,
                     .chunk_begin = 0,
                     .pages = cache.pages.data(),
                     .k_pages = cache.memory.data(),
                     .v_pages = cache.memory.data() + cache.k_page,
                     .page_stride = cache.page_stride,
                     .k_row_bytes = static_cast<int64_t>(bytes_of(cache.types.k, cache.head_dim)),
                     .v_row_bytes = static_cast<int64_t>(bytes_of(cache.types.v, cache.value_dim)),
                     .k_type = cache.types.k,
                     .v_type = cache.types.v,
                     .head_dim = cache.head_dim,
                     .value_dim = cache.value_dim,
                     .window = options.window,
                     .chunked = options.chunked,
                     .scale = 1 / std::sqrt(static_cast<float>(cache.head_dim)),
                     .softcap = options.softcap,
                     .slopes = options.alibi ? &queries.slopes[begin] : nullptr,
                     .scratch = scratch.data(),
                     .state = state.data()};
  const int first_position = args.positions[0], last_position = args.positions[n - 1];
  const int first_key = options.first_visible(first_position);
  args.chunk_begin = first_key / kAttentionChunk * kAttentionChunk;
  kernels.attention(args);
  for (args.state = next.data(); (args.chunk_begin += kAttentionChunk) <= last_position;) {
    kernels.attention(args);
    kernels.merge_attention(n, cache.value_dim, next.data(), state.data());
  }
  kernels.finish_attention(n, cache.value_dim, options.sinks ? &queries.sinks[begin] : nullptr, state.data(),
                           rows.data());
  return out;
}

std::vector<double> expected_row(const Cache& cache, const Queries& queries, const Options& options, int query) {
  const int last = queries.positions[query], first = options.first_visible(last);
  std::vector<double> scores, out(cache.value_dim);
  double largest = options.sinks ? queries.sinks[query] : -INFINITY;
  for (int t = first; t <= last; ++t) {
    double dot = 0;
    for (int i = 0; i < cache.head_dim; ++i)
      dot += double{queries.q[query * cache.head_dim + i]} * cache.keys[t * cache.head_dim + i];
    dot /= std::sqrt(cache.head_dim);
    if (options.softcap > 0) dot = options.softcap * std::tanh(dot / options.softcap);
    if (options.alibi) dot += double{queries.slopes[query]} * (t - last);
    scores.push_back(dot);
    largest = std::max(largest, dot);
  }
  double sum = options.sinks ? std::exp(queries.sinks[query] - largest) : 0;
  for (int t = first; t <= last; ++t) {
    const double weight = std::exp(scores[t - first] - largest);
    sum += weight;
    for (int i = 0; i < cache.value_dim; ++i) out[i] += weight * cache.values[t * cache.value_dim + i];
  }
  for (double& x : out) x /= sum;
  return out;
}

void check(int head_dim, int value_dim, int first, int last, int per_position, const Options& options,
           Types types = {}) {
  const Cache cache(head_dim, value_dim, last + 1, types);
  const Queries queries(first, last, per_position, head_dim);
  for (const KernelTable* kernels : tested_kernels()) {
    const Floats out = attend(*kernels, cache, queries, options, 0, queries.n());
    for (int query = 0; query < queries.n(); ++query) {
      const std::vector<double> expected = expected_row(cache, queries, options, query);
      for (int i = 0; i < value_dim; ++i)
        ASSERT_NEAR(out[query * value_dim + i], expected[i], 3e-6)
            << kernels->name << ", position " << queries.positions[query] << ", column " << i << ", head_dim "
            << head_dim << ", value_dim " << value_dim << ", " << name(types.k) << " and " << name(types.v);
    }
  }
}

// In prefill, in decode and in tiles of any size between, a query's result has the same bits.
void expect_same_bits_in_any_tile(int first, int last, int per_position, const Options& options, int dim, DType type) {
  const Cache cache(dim, dim, last + 1, {type, type});
  const Queries queries(first, last, per_position, dim);
  for (const KernelTable* kernels : available_kernels()) {
    const Floats whole = attend(*kernels, cache, queries, options, 0, queries.n());
    for (const int tile : {1, 2, 5, 6, 7, 13, 64})
      for (int begin = 0; begin < queries.n(); begin += tile) {
        const int end = std::min(begin + tile, queries.n());
        const Floats part = attend(*kernels, cache, queries, options, begin, end);
        ASSERT_EQ(part, Floats(whole.begin() + begin * dim, whole.begin() + end * dim))
            << kernels->name << ", tile " << tile << ", query " << begin << ", window " << options.window;
      }
  }
}

TEST(Attention, EveryPositionOfSomePages) { check(64, 64, 0, 100, 1, {}); }
TEST(Attention, SeveralHeadsOfAGroup) { check(32, 32, 60, 70, 7, {}); }
TEST(Attention, OneQueryFarDown) { check(128, 128, 999, 999, 1, {}); }

TEST(Attention, EveryTypeOfKeysAndValues) {
  for (const DType k : kTypes)
    for (const DType v : kTypes) {
      check(64, 96, 0, 70, 1, {}, {k, v});
      check(128, 32, 90, 99, 7, {.window = 40}, {k, v});
    }
}

TEST(Attention, Softcap) { check(64, 64, 20, 70, 2, {.softcap = 1.5f}); }
TEST(Attention, Sinks) { check(64, 64, 0, 70, 2, {.sinks = true}); }
TEST(Attention, SinksWithWindowAndSoftcap) { check(64, 64, 0, 150, 2, {.window = 50, .softcap = 3, .sinks = true}); }

TEST(Attention, AlibiByHead) {
  check(64, 64, 0, 70, 3, {.alibi = true});
  check(32, 32, kAttentionChunk - 2, kAttentionChunk + 2, 2, {.window = 100, .softcap = 3, .alibi = true});
}

TEST(Attention, ChunksOfAWindow) {
  for (const int window : {1, 31, 32, 50, 64})
    check(16, 16, 0, 130, 2, {.window = window, .sinks = true, .chunked = true});
  expect_same_bits_in_any_tile(0, 140, 3, {.window = 40, .chunked = true, .alibi = true}, 24, DType::f16);
}

TEST(Attention, OddDimensions) {
  for (const int dim : {1, 2, 7, 8, 15, 16, 17, 24, 31, 33, 40, 80, 96, 100, 256, 257})
    check(dim, dim == 17 ? 5 : dim, 28, 40, 1, {});
  check(192, 128, 30, 40, 3, {});
  check(16, 70, 30, 40, 3, {});
}

TEST(Attention, EveryWindow) {
  for (const int window : {1, 2, 31, 32, 33, 64, 65, 129, 130, 131, 1000}) check(16, 16, 0, 130, 1, {.window = window});
}

TEST(Attention, TilesDoNotChangeTheBits) {
  for (const Options& options : {Options{}, Options{.window = 40}, Options{.window = 33, .softcap = 5, .sinks = true}})
    for (const auto& [dim, type] : {std::pair{24, DType::f16}, {64, DType::f16}, {32, DType::q8_0}, {32, DType::q4_0}})
      expect_same_bits_in_any_tile(0, 140, 3, options, dim, type);
}

// Of the queries of a tile, some see nothing of its first or last chunk.
TEST(Attention, ChunksDoNotChangeTheBits) {
  for (const int end : {kAttentionChunk, 2 * kAttentionChunk})
    for (const int window : {0, 20, kAttentionChunk, kAttentionChunk + 1})
      expect_same_bits_in_any_tile(end - 12, end + 12, 2, {.window = window}, 32, DType::f16);
}

TEST(Attention, SeveralChunks) {
  check(32, 32, kAttentionChunk - 2, kAttentionChunk + 2, 2, {});
  check(32, 64, 3 * kAttentionChunk - 3, 3 * kAttentionChunk, 7, {.sinks = true});
  check(32, 32, 2 * kAttentionChunk, 2 * kAttentionChunk + 40, 1, {.window = kAttentionChunk + 7, .sinks = true});
}

// Every instruction set reads and sums alike.
TEST(Attention, InstructionSetsGiveTheSameBits) {
  const Queries queries(50, 100, 3, 64);
  for (const DType type : kTypes) {
    const Cache cache(64, 64, 101, {type, type});
    const Floats expected = attend(*available_kernels().front(), cache, queries, {}, 0, queries.n());
    for (const KernelTable* kernels : tested_kernels())
      EXPECT_EQ(attend(*kernels, cache, queries, {}, 0, queries.n()), expected) << kernels->name << ", " << name(type);
  }
}

// Decoding: keys that come later do not exist yet, or are rubbish left by another sequence.
TEST(Attention, LaterTokensDoNotMatter) {
  const Queries queries(0, 70, 1, 32);
  for (const DType type : kTypes) {
    const Cache whole(32, 32, 71, {type, type});
    for (const KernelTable* kernels : tested_kernels())
      for (int query = 0; query < queries.n(); ++query)
        ASSERT_EQ(attend(*kernels, Cache(32, 32, query + 1, {type, type}), queries, {}, query, query + 1),
                  attend(*kernels, whole, queries, {}, query, query + 1))
            << kernels->name << ", " << name(type) << ", position " << query;
  }
}

// Scores far apart: the largest comes first, last, or overwhelms all others.
TEST(Attention, LargeScoresStayExact) {
  Cache cache(16, 16, 100);
  const Queries queries(99, 99, 1, 16);
  Floats key(queries.q);
  for (float& x : key) x *= 500;
  cache.store_key(40, key);
  for (const KernelTable* kernels : tested_kernels()) {
    const Floats out = attend(*kernels, cache, queries, {}, 0, 1);
    for (int i = 0; i < 16; ++i) EXPECT_EQ(out[i], cache.values[40 * 16 + i]) << kernels->name;
  }
}

}  // namespace
}  // namespace loam
