// Attention through the paged cache: against its definition, and the same bits however the tokens are batched.
#include <algorithm>
#include <atomic>
#include <cmath>
#include <tuple>

#include "base/error.h"
#include "tests/ops/ops_support.h"
#include "tests/support/support.h"

namespace loam::test {
namespace {

// Sequences of random queries, keys and values, fed to one cache.
struct Sequences {
  int n_heads, n_kv_heads, head_dim, value_dim;
  std::vector<int> lengths;
  std::vector<Floats> q, k, v;  // of each sequence, (length, features)

  Sequences(int n_heads, int n_kv_heads, int head_dim, int value_dim, std::vector<int> sequence_lengths)
      : n_heads(n_heads),
        n_kv_heads(n_kv_heads),
        head_dim(head_dim),
        value_dim(value_dim),
        lengths(std::move(sequence_lengths)) {
    for (size_t s = 0; s < lengths.size(); ++s) {
      const uint32_t seed = static_cast<uint32_t>(10 * s);
      q.push_back(random_floats(lengths[s] * n_heads * head_dim, seed + 1));
      k.push_back(random_floats(lengths[s] * n_kv_heads * head_dim, seed + 2));
      v.push_back(random_floats(lengths[s] * n_kv_heads * value_dim, seed + 3));
    }
  }
};

struct CacheOptions {
  DType k = DType::f16, v = DType::f16;
  int window = 0;
};

// A cache full of another's rubbish (NaN in every type), with pages handed out to the sequences in turns.
struct Cache {
  std::vector<std::byte> memory;
  std::vector<std::vector<int32_t>> pages;
  KvLayer layer;

  Cache(const Sequences& s, const CacheOptions& options) {
    int32_t n_pages = 0;
    for (const int length : s.lengths) pages.emplace_back((length + kPageTokens - 1) / kPageTokens);
    for (size_t i = 0; i < 100; ++i)
      for (auto& table : pages)
        if (i < table.size()) table[i] = n_pages++;
    layer = {.k_type = options.k,
             .v_type = options.v,
             .n_kv_heads = s.n_kv_heads,
             .head_dim = s.head_dim,
             .value_dim = s.value_dim,
             .window = options.window};
    const int64_t k_page = s.n_kv_heads * layer.k_row_bytes() * kPageTokens;
    layer.page_stride = k_page + s.n_kv_heads * layer.v_row_bytes() * kPageTokens + 64;
    memory.assign(n_pages * layer.page_stride, std::byte{255});
    layer.k = memory.data(), layer.v = memory.data() + k_page;
  }
};

// Feeds every sequence in chunks of `chunk` tokens, a chunk of each in every batch. → each sequence's outputs
std::vector<Floats> run(Context& context, const Sequences& s, int chunk, const AttentionOptions& options,
                        const CacheOptions& kv = {}) {
  Cache cache(s, kv);
  std::vector<Floats> outs(s.lengths.size());
  const int longest = *std::ranges::max_element(s.lengths);
  for (int first = 0; first < longest; first += chunk) {
    Batch batch;
    Floats q, k, v;
    const auto take = [&](Floats& to, const Floats& from, int begin, int end, int cols) {
      to.insert(to.end(), from.begin() + begin * cols, from.begin() + end * cols);
    };
    for (size_t i = 0; i < s.lengths.size(); ++i) {
      const int end = std::min(first + chunk, s.lengths[i]);
      if (first >= end) continue;
      const int32_t* pages = cache.pages[i].data();
      batch.spans.push_back({.first_row = batch.n_rows(),
                             .n_rows = end - first,
                             .pages = kv.window ? nullptr : pages,
                             .window_pages = kv.window ? pages : nullptr});
      batch.tokens.resize(batch.tokens.size() + end - first);
      for (int p = first; p < end; ++p) batch.positions.push_back(p);
      take(q, s.q[i], first, end, s.n_heads * s.head_dim);
      take(k, s.k[i], first, end, s.n_kv_heads * s.head_dim);
      take(v, s.v[i], first, end, s.n_kv_heads * s.value_dim);
    }
    const int n = batch.n_rows();
    const Tensor out = Ops(context).attention(view(q, n), view(k, n), view(v, n), {&cache.layer, 1}, batch, options);
    size_t span = 0;
    for (size_t i = 0; i < s.lengths.size(); ++i) {
      if (first >= s.lengths[i]) continue;
      const Floats rows =
          copy_rows(out, batch.spans[span].first_row, batch.spans[span].first_row + batch.spans[span].n_rows);
      outs[i].insert(outs[i].end(), rows.begin(), rows.end());
      ++span;
    }
    context.arena.reset();
  }
  return outs;
}

// What a cache of this type makes of rows of `dim` numbers.
Floats stored(const Floats& rows, DType type, int dim) {
  Floats out(rows.size());
  std::vector<std::byte> blocks(bytes_of(type, dim));
  for (size_t at = 0; at < rows.size(); at += dim) {
    find_format(type)->encode(&rows[at], dim, blocks.data());
    find_format(type)->decode(blocks.data(), dim, &out[at]);
  }
  return out;
}

// Output of one position and head of sequence `i`, whose keys and values are what the cache holds.
std::vector<double> expected_row(const Sequences& s, size_t i, int position, int head, const AttentionOptions& options,
                                 int window) {
  const int kv_head = head / (s.n_heads / s.n_kv_heads);
  const float* q = &s.q[i][(position * s.n_heads + head) * s.head_dim];
  double denominator = options.sinks ? std::exp(double{options.sinks.f32()[head]}) : 0;
  std::vector<double> out(s.value_dim);
  for (int t = window ? std::max(0, position - window + 1) : 0; t <= position; ++t) {
    double score = 0;
    for (int d = 0; d < s.head_dim; ++d) score += double{q[d]} * s.k[i][(t * s.n_kv_heads + kv_head) * s.head_dim + d];
    score *= options.scale;
    if (options.softcap != 0) score = options.softcap * std::tanh(score / options.softcap);
    denominator += std::exp(score);
    for (int d = 0; d < s.value_dim; ++d)
      out[d] += std::exp(score) * s.v[i][(t * s.n_kv_heads + kv_head) * s.value_dim + d];
  }
  for (double& x : out) x /= denominator;
  return out;
}

void check(const Sequences& s, const AttentionOptions& options, const CacheOptions& kv = {}) {
  Sequences held = s;
  for (Floats& k : held.k) k = stored(k, kv.k, s.head_dim);
  for (Floats& v : held.v) v = stored(v, kv.v, s.value_dim);
  for_each_context([&](Context& context) {
    const std::vector<Floats> outs = run(context, s, 1000, options, kv);
    for (size_t i = 0; i < outs.size(); ++i)
      for (int position = 0; position < s.lengths[i]; ++position)
        for (int head = 0; head < s.n_heads; ++head) {
          const std::vector<double> expected = expected_row(held, i, position, head, options, kv.window);
          for (int d = 0; d < s.value_dim; ++d)
            ASSERT_NEAR(outs[i][(position * s.n_heads + head) * s.value_dim + d], expected[d], 3e-6)
                << "sequence " << i << ", position " << position << ", head " << head << ", column " << d;
        }
  });
}

TEST(AttentionOp, SequencesOfABatchSeeOnlyThemselves) { check({4, 2, 16, 16, {70, 1, 33}}, {.scale = 0.25f}); }
TEST(AttentionOp, ManyQueryHeadsToOneKvHead) { check({71, 1, 8, 8, {40}}, {.scale = 0.3f}); }
TEST(AttentionOp, AHeadOfKeysForEveryQueryHead) { check({5, 5, 16, 24, {40, 7}}, {.scale = 0.25f}); }

TEST(AttentionOp, EveryTypeOfKeysAndValues) {
  for (const DType type : {DType::f32, DType::f16, DType::bf16, DType::q8_0, DType::q4_0}) {
    check({4, 2, 64, 32, {50, 33}}, {.scale = 0.125f}, {type, DType::f16});
    check({4, 2, 32, 64, {50, 33}}, {.scale = 0.2f}, {DType::f16, type});
  }
}

TEST(AttentionOp, WindowSoftcapAndSinks) {
  const Floats sinks = random_floats(6, 9);
  check({6, 2, 16, 16, {100}},
        {.scale = 0.25f, .softcap = 4, .sinks = {.shape = {6}, .data = const_cast<float*>(sinks.data())}},
        {.window = 37});
}

TEST(AttentionOp, BatchesAndThreadsDoNotChangeTheBits) {
  const Sequences s(6, 2, 32, 64, {130, 5, 64});
  for (const auto& [window, type] : {std::pair{0, DType::f16}, {45, DType::f16}, {0, DType::q8_0}, {0, DType::q4_0}}) {
    const AttentionOptions options{.scale = 0.2f};
    const CacheOptions kv{.k = type, .v = type, .window = window};
    const KernelTable* kernels = nullptr;
    std::vector<Floats> expected;
    for_each_context([&, type_name = name(type)](Context& context) {
      if (kernels != &context.kernels) expected = run(context, s, 1000, options, kv);
      kernels = &context.kernels;
      for (const int chunk : {1, 7, 32, 100, 1000})
        ASSERT_EQ(run(context, s, chunk, options, kv), expected) << chunk << ", " << type_name;
      for (size_t i = 0; i < s.lengths.size(); ++i) {
        Sequences alone = s;
        alone.lengths = {s.lengths[i]};
        alone.q = {s.q[i]}, alone.k = {s.k[i]}, alone.v = {s.v[i]};
        ASSERT_EQ(run(context, alone, 50, options, kv).front(), expected[i]) << "sequence " << i << " alone";
      }
    });
  }
}

// With many tiles each is one piece of work, with few their chunks of keys are.
TEST(AttentionOp, PiecesDoNotChangeTheBits) {
  const int length = (kSanitized ? 1 : 2) * kAttentionChunk + 20;
  for (const auto& [n_heads, n_kv_heads, window] : {std::tuple{4, 2, 0}, {2, 1, 0}, {2, 1, kAttentionChunk + 30}}) {
    const Sequences s(n_heads, n_kv_heads, 16, 32, {length, 70});
    const CacheOptions kv{.window = window};
    const KernelTable* kernels = nullptr;
    std::vector<Floats> expected;
    for_each_context([&, width = window](Context& context) {
      if (kernels != &context.kernels) expected = run(context, s, length, {.scale = 0.2f}, kv);
      kernels = &context.kernels;
      for (const int chunk : {kSanitized ? 200 : 10, 600, length})
        ASSERT_EQ(run(context, s, chunk, {.scale = 0.2f}, kv), expected) << chunk << ", window " << width;
    });
  }
}

TEST(AttentionOp, SeveralChunksOfKeys) { check({2, 1, 16, 16, {kAttentionChunk + 40}}, {.scale = 0.25f}); }

// A set of kernels that counts the chunks attended.
std::atomic<int> n_attended;
KernelTable kernels_counting_attention() {
  KernelTable counting = find_kernels("scalar");
  counting.attention = [](const AttentionArgs& args) noexcept {
    ++n_attended;
    find_kernels("scalar").attention(args);
  };
  return counting;
}

// Once the step is cancelled, a thread finishes the chunk of keys that it attends, and starts no other.
TEST(AttentionOp, EndsBetweenChunksWhereTheStepIsCancelled) {
  const KernelTable kernels = kernels_counting_attention();
  const Sequences s(2, 1, 8, 8, {6 * kAttentionChunk});
  for (const int n_threads : {1, 3})
    for (const int last : {1, 3, 10}) {
      ThreadPool pool(n_threads);
      n_attended = 0;
      Context context{.pool = pool, .kernels = kernels, .cancelled = [&] { return n_attended >= last; }};
      try {
        run(context, s, 6 * kAttentionChunk, {.scale = 0.2f});
        FAIL() << "was not cancelled";
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), Error::Code::cancelled);
      }
      EXPECT_GE(n_attended, last);
      EXPECT_LT(n_attended, last + n_threads);
    }
}

}  // namespace
}  // namespace loam::test
