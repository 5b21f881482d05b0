// Attention of every instruction set against its formula in double precision, and bit for bit against itself.
#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "kernels/kernel_table.h"
#include "quant/block_format.h"

namespace loam {
namespace {

using Floats = std::vector<float>;

constexpr uint16_t kNan = 0x7E00, kInfinity = 0x7C00;

// One head's cache of n_tokens tokens in shuffled pages; everything that no token wrote is NaN or infinity.
struct Cache {
  int head_dim, value_dim, n_tokens;
  std::vector<int32_t> pages;
  std::vector<uint16_t> k, v;
  int64_t stride_k, stride_v;

  Cache(int head_dim, int value_dim, int n_tokens) : head_dim(head_dim), value_dim(value_dim), n_tokens(n_tokens) {
    const int n_pages = (n_tokens + kPageTokens - 1) / kPageTokens;
    for (int i = 0; i < n_pages; ++i) pages.push_back((i * 7 + 3) % 11 + i / 11 * 11);
    stride_k = (head_dim + 3) * kPageTokens;  // as if other heads stood between
    stride_v = (value_dim + 5) * kPageTokens;
    const int n_stored = (n_pages + 10) / 11 * 11;
    k.assign(n_stored * stride_k, kNan);
    v.assign(n_stored * stride_v, kInfinity);
    std::mt19937 random(head_dim * 1000 + n_tokens);
    std::normal_distribution<float> normal;
    for (int t = 0; t < n_tokens; ++t) {
      for (int i = 0; i < head_dim; ++i) key(t, i) = f32_to_f16(normal(random));
      for (int i = 0; i < value_dim; ++i) value(t, i) = f32_to_f16(normal(random));
    }
  }

  uint16_t& key(int t, int i) { return k[pages[t / kPageTokens] * stride_k + i * kPageTokens + t % kPageTokens]; }
  uint16_t& value(int t, int i) { return v[pages[t / kPageTokens] * stride_v + t % kPageTokens * value_dim + i]; }
};

struct Options {
  int window = 0;
  float softcap = 0;
  bool sinks = false;
};

// `per_position` queries at each position from first to last, as many heads of a group are.
struct Queries {
  std::vector<int32_t> positions;
  Floats q, sinks;
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
        q.insert(q.end(), row.begin(), row.end());
      }
  }
  int n() const { return static_cast<int>(positions.size()); }
};

// Runs queries [begin, end) as one tile.
Floats attend(const KernelTable& kernels, const Cache& cache, const Queries& queries, const Options& options, int begin,
              int end) {
  const int n = end - begin;
  Floats out(n * cache.value_dim, NAN);
  Floats scratch(attention_scratch_floats(kernels, n, cache.head_dim, cache.value_dim), NAN);
  std::vector<const float*> q;
  std::vector<float*> rows;
  for (int i = 0; i < n; ++i) {
    q.push_back(&queries.q[(begin + i) * cache.head_dim]);
    rows.push_back(&out[i * cache.value_dim]);
  }
  kernels.attention({.q = q.data(),
                     .out = rows.data(),
                     .positions = &queries.positions[begin],
                     .n_queries = n,
                     .pages = cache.pages.data(),
                     .k_pages = cache.k.data(),
                     .v_pages = cache.v.data(),
                     .page_stride_k = cache.stride_k,
                     .page_stride_v = cache.stride_v,
                     .head_dim = cache.head_dim,
                     .value_dim = cache.value_dim,
                     .window = options.window,
                     .scale = 1 / std::sqrt(static_cast<float>(cache.head_dim)),
                     .softcap = options.softcap,
                     .sinks = options.sinks ? &queries.sinks[begin] : nullptr,
                     .scratch = scratch.data()});
  return out;
}

std::vector<double> expected_row(Cache& cache, const Queries& queries, const Options& options, int query) {
  const int last = queries.positions[query], first = options.window ? std::max(0, last - options.window + 1) : 0;
  std::vector<double> scores, out(cache.value_dim);
  double largest = options.sinks ? queries.sinks[query] : -INFINITY;
  for (int t = first; t <= last; ++t) {
    double dot = 0;
    for (int i = 0; i < cache.head_dim; ++i)
      dot += double{queries.q[query * cache.head_dim + i]} * f16_to_f32(cache.key(t, i));
    dot /= std::sqrt(cache.head_dim);
    if (options.softcap > 0) dot = options.softcap * std::tanh(dot / options.softcap);
    scores.push_back(dot);
    largest = std::max(largest, dot);
  }
  double sum = options.sinks ? std::exp(queries.sinks[query] - largest) : 0;
  for (int t = first; t <= last; ++t) {
    const double weight = std::exp(scores[t - first] - largest);
    sum += weight;
    for (int i = 0; i < cache.value_dim; ++i) out[i] += weight * f16_to_f32(cache.value(t, i));
  }
  for (double& x : out) x /= sum;
  return out;
}

void check(int head_dim, int value_dim, int first, int last, int per_position, const Options& options) {
  Cache cache(head_dim, value_dim, last + 1);
  const Queries queries(first, last, per_position, head_dim);
  for (const KernelTable* kernels : available_kernels()) {
    const Floats out = attend(*kernels, cache, queries, options, 0, queries.n());
    for (int query = 0; query < queries.n(); ++query) {
      const std::vector<double> expected = expected_row(cache, queries, options, query);
      for (int i = 0; i < value_dim; ++i)
        ASSERT_NEAR(out[query * value_dim + i], expected[i], 3e-6)
            << kernels->name << ", position " << queries.positions[query] << ", column " << i << ", head_dim "
            << head_dim << ", value_dim " << value_dim;
    }
  }
}

TEST(Attention, EveryPositionOfSomePages) { check(64, 64, 0, 100, 1, {}); }
TEST(Attention, SeveralHeadsOfAGroup) { check(32, 32, 60, 70, 7, {}); }
TEST(Attention, OneQueryFarDown) { check(128, 128, 999, 999, 1, {}); }
TEST(Attention, Softcap) { check(64, 64, 20, 70, 2, {.softcap = 1.5f}); }
TEST(Attention, Sinks) { check(64, 64, 0, 70, 2, {.sinks = true}); }
TEST(Attention, SinksWithWindowAndSoftcap) { check(64, 64, 0, 150, 2, {.window = 50, .softcap = 3, .sinks = true}); }

TEST(Attention, OddDimensions) {
  for (const int dim : {1, 2, 7, 8, 15, 16, 17, 24, 31, 33, 40, 80, 96, 100, 256, 257})
    check(dim, dim == 17 ? 5 : dim, 28, 40, 1, {});
  check(192, 128, 30, 40, 3, {});
  check(16, 70, 30, 40, 3, {});
}

TEST(Attention, EveryWindow) {
  for (const int window : {1, 2, 31, 32, 33, 64, 65, 129, 130, 131, 1000}) check(16, 16, 0, 130, 1, {.window = window});
}

// In prefill, in decode and in tiles of any size between, a query's result has the same bits.
TEST(Attention, TilesDoNotChangeTheBits) {
  const int last = 140, per_position = 3;
  const Options options[] = {{}, {.window = 40}, {.window = 33, .softcap = 5, .sinks = true}};
  for (const KernelTable* kernels : available_kernels())
    for (const Options& option : options)
      for (const int dim : {24, 64}) {
        const Cache cache(dim, dim, last + 1);
        const Queries queries(0, last, per_position, dim);
        const Floats whole = attend(*kernels, cache, queries, option, 0, queries.n());
        for (const int tile : {1, 2, 5, 6, 7, 64})
          for (int begin = 0; begin < queries.n(); begin += tile) {
            const int end = std::min(begin + tile, queries.n());
            const Floats part = attend(*kernels, cache, queries, option, begin, end);
            ASSERT_EQ(part, Floats(whole.begin() + begin * dim, whole.begin() + end * dim))
                << kernels->name << ", tile " << tile << ", query " << begin;
          }
      }
}

// Decoding: keys that come later do not exist yet, or are rubbish left by another sequence.
TEST(Attention, LaterTokensDoNotMatter) {
  const Queries queries(0, 70, 1, 32);
  const Cache whole(32, 32, 71);
  for (const KernelTable* kernels : available_kernels())
    for (int query = 0; query < queries.n(); ++query) {
      Cache cache = whole;
      for (int t = query + 1; t <= 70; ++t)
        for (int i = 0; i < 32; ++i) cache.key(t, i) = kInfinity, cache.value(t, i) = kNan;
      ASSERT_EQ(attend(*kernels, cache, queries, {}, query, query + 1),
                attend(*kernels, whole, queries, {}, query, query + 1))
          << kernels->name << ", position " << query;
    }
}

// Scores far apart: the largest comes first, last, or overwhelms all others.
TEST(Attention, LargeScoresStayExact) {
  Cache cache(16, 16, 100);
  const Queries queries(99, 99, 1, 16);
  for (int i = 0; i < 16; ++i) cache.key(40, i) = f32_to_f16(queries.q[i] * 500);
  for (const KernelTable* kernels : available_kernels()) {
    const Floats out = attend(*kernels, cache, queries, {}, 0, 1);
    for (int i = 0; i < 16; ++i) EXPECT_EQ(out[i], f16_to_f32(cache.value(40, i))) << kernels->name;
  }
}

}  // namespace
}  // namespace loam
