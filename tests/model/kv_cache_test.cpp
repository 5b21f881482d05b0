// What a cache takes, and which types a model's heads can be kept in.
#include "model/kv_cache.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/error.h"
#include "model/model_config.h"

namespace loam {
namespace {

// Qwen3-30B-A3B's shape.
ModelConfig qwen3_30b() {
  ModelConfig c;
  c.n_layers = 48, c.n_heads = 32, c.n_kv_heads = 4, c.head_dim = 128, c.value_dim = 128;
  c.fill_layers();
  return c;
}

TEST(KvCache, BytesPerTokenOfEveryType) {
  const auto bytes = [](DType k, DType v) { return KvCache::bytes_per_token(qwen3_30b(), {k, v}); };
  EXPECT_EQ(bytes(DType::f32, DType::f32), 196608u);
  EXPECT_EQ(bytes(DType::f16, DType::f16), 98304u);
  EXPECT_EQ(bytes(DType::bf16, DType::bf16), 98304u);
  EXPECT_EQ(bytes(DType::q8_0, DType::q8_0), 52224u);
  EXPECT_EQ(bytes(DType::q4_0, DType::q4_0), 27648u);
  EXPECT_EQ(bytes(DType::q8_0, DType::q4_0), (52224u + 27648u) / 2);
}

TEST(KvCache, BytesOfWholePagesForEverySequence) {
  const ModelConfig c = qwen3_30b();
  EXPECT_EQ(KvCache::bytes(c, {}, {.context = 131072}), uint64_t{12} << 30);
  EXPECT_EQ(KvCache::bytes(c, {}, {.context = 33, .parallel = 3}), 3u * 64 * 98304);
  EXPECT_EQ(KvCache::bytes(c, {}, {.context = int64_t{1} << 40, .parallel = 1024}), UINT64_MAX);
}

// Gemma 3 1B's shape: five layers with a window to each without.
TEST(KvCache, LayersWithAWindowKeepItAndAStep) {
  ModelConfig c;
  c.n_layers = 26, c.n_heads = 4, c.n_kv_heads = 1, c.head_dim = 256, c.value_dim = 256;
  c.sliding_window = 512;
  c.fill_layers();
  c.slide_by_default(6);
  constexpr int64_t kLayer = 2 * 256 * 2;  // bytes of a token
  EXPECT_EQ(KvCache::bytes_per_token(c, {}), 26u * kLayer);
  EXPECT_EQ(KvCache::bytes(c, {}, {.context = 1024, .chunk = 512}), 26u * 1024 * kLayer);
  const int64_t windows = 512 + 512 + 32;  // a step may begin within a page
  EXPECT_EQ(KvCache::bytes(c, {}, {.context = 32768, .parallel = 2, .chunk = 512}),
            2u * (4 * 32768 + 22 * windows) * kLayer);
  EXPECT_EQ(KvCache::bytes(c, {}, {.context = 32768, .chunk = 1}), (4u * 32768 + 22 * (512 + 32)) * kLayer);
}

ModelConfig with_windows() {
  ModelConfig c;
  c.n_layers = 5, c.n_heads = c.n_kv_heads = 2, c.head_dim = 32, c.value_dim = 64;
  c.sliding_window = 40;
  c.fill_layers();
  for (const int i : {0, 2, 3}) c.layer(i).sliding = true;
  return c;
}

TEST(KvCache, LayersOfBothKindsStandInTheirOwnPages) {
  const KvRoom room{.context = 1000, .parallel = 2, .chunk = 8};
  KvCache cache(with_windows(), {.v = DType::q8_0}, room);
  EXPECT_EQ(cache.most_window_pages(), 4);
  KvPool& pool = cache.pool({.v = DType::q8_0});
  // Every layer's pages, from the first to the last byte, one after another.
  for (PagePool* pages : {&pool.pages, &pool.window_pages}) {
    const bool with_window = pages == &pool.window_pages;
    std::vector<std::pair<std::byte*, std::byte*>> parts;
    for (int i = 0; i < 5; ++i) {
      const KvLayer& layer = cache.layer(i).front();
      if (with_window != (layer.window > 0)) continue;
      EXPECT_EQ(layer.window, with_window ? 40 : 0);
      for (int page = 0; page < 10; ++page) {
        std::byte *k = layer.k + page * layer.page_stride, *v = layer.v + page * layer.page_stride;
        parts.emplace_back(k, k + 2 * layer.k_row_bytes() * kPageTokens);
        parts.emplace_back(v, v + 2 * layer.v_row_bytes() * kPageTokens);
      }
    }
    EXPECT_EQ(parts.size(), with_window ? 60u : 40u);
    std::ranges::sort(parts);
    for (size_t i = 1; i < parts.size(); ++i) ASSERT_EQ(parts[i - 1].second, parts[i].first) << i;
    EXPECT_EQ(parts.back().second - parts.front().first, 10 * static_cast<int64_t>(pages->page_bytes()));
  }
  EXPECT_EQ(cache.budget(), 2 * (32 * pool.pages.page_bytes() + 4 * pool.window_pages.page_bytes()));
  EXPECT_EQ(cache.bytes_for(pool, 1000), cache.budget() / 2);
  EXPECT_EQ(cache.bytes_for(pool, 33), 2 * (pool.pages.page_bytes() + pool.window_pages.page_bytes()));
}

TEST(KvCache, TheMostTokensFillTheBudget) {
  for (const ModelConfig& c : {qwen3_30b(), with_windows()}) {
    KvCache cache(c, {}, {.context = 1000, .parallel = 2, .chunk = 8});
    for (const DType type : {DType::f32, DType::f16, DType::q8_0, DType::q4_0}) {
      const KvPool& pool = cache.pool({type, type});
      const int64_t n = cache.most_tokens(pool);
      EXPECT_LE(cache.bytes_for(pool, n), cache.budget()) << name(type);
      EXPECT_GT(cache.bytes_for(pool, n + 1), cache.budget()) << name(type);
    }
  }
}

TEST(KvCache, PoolsOfSeveralTypesShareOneBudget) {
  KvCache cache(with_windows(), {}, {.context = 64, .parallel = 2});
  KvPool& half = cache.pool({});
  const uint64_t budget = cache.budget();
  std::vector<int32_t> pages;
  while (cache.free_bytes() >= half.pages.page_bytes()) pages.push_back(cache.take(half.pages));
  for (const int32_t page : pages) std::ranges::fill(half.pages.bytes(page), std::byte{1});
  KvPool& quantised = cache.pool({DType::q8_0, DType::q8_0});
  EXPECT_EQ(&cache.pool({}), &half);
  EXPECT_EQ(cache.layer(1).size(), 2u);
  EXPECT_EQ(cache.layer(1)[1].k_type, DType::q8_0);
  EXPECT_EQ(quantised.index, 1);
  EXPECT_LT(cache.free_bytes(), quantised.pages.page_bytes() + half.pages.page_bytes());
  // One page less of the one type is one more of the other, and what was given back is no longer held.
  half.pages.give(pages.back());
  cache.take(quantised.pages);
  EXPECT_LE(half.pages.held_bytes() + quantised.pages.held_bytes(), budget);
  EXPECT_EQ(half.pages.held_bytes(), (pages.size() - 1) * half.pages.page_bytes());
  EXPECT_THROW(cache.pool({DType::q4_k, DType::f16}), Error);
}

TEST(PagePool, PagesAreTakenAndGivenBackWithTheirMemory) {
  PagePool pool(4096, 6 * 4096);
  EXPECT_EQ(pool.n_pages(), 6);
  const int32_t first = pool.take(), second = pool.take();
  EXPECT_NE(first, second);
  std::ranges::fill(pool.bytes(first), std::byte{7});
  pool.give(first);
  EXPECT_EQ(pool.n_taken(), 1);
  EXPECT_EQ(pool.held_bytes(), 2u * 4096);
  EXPECT_TRUE(pool.has_kept());
  EXPECT_EQ(pool.take(), first);  // it has memory already
  EXPECT_EQ(pool.bytes(first)[5], std::byte{7});
  pool.give(first);
  pool.release();
  EXPECT_EQ(pool.held_bytes(), 4096u);
  EXPECT_EQ(pool.take(), first);
  EXPECT_EQ(pool.bytes(first)[5], std::byte{0});  // the system has taken it back
}

TEST(KvCache, RefusesTypesThatTheHeadsDoNotFit) {
  const auto refusal = [](int head_dim, int value_dim, KvOptions options) {
    ModelConfig c = qwen3_30b();
    c.head_dim = head_dim, c.value_dim = value_dim;
    c.fill_layers();
    try {
      KvCache::check(c, options);
      return std::string("accepted");
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Error::Code::invalid);
      return error.where() + ": " + error.message();
    }
  };
  EXPECT_EQ(refusal(80, 96, {DType::f16, DType::q8_0}), "accepted");
  EXPECT_EQ(refusal(80, 96, {DType::q8_0, DType::q8_0}),
            "kv-k: keys of 80 numbers a head cannot be kept as Q8_0, in blocks of 32; these types can: F32, F16, BF16");
  EXPECT_EQ(
      refusal(128, 40, {DType::q8_0, DType::q4_0}),
      "kv-v: values of 40 numbers a head cannot be kept as Q4_0, in blocks of 32; these types can: F32, F16, BF16");
  EXPECT_EQ(
      refusal(256, 256, {DType::q4_k, DType::f16}),
      "kv-k: keys of 256 numbers a head cannot be kept as Q4_K, in blocks of 256; these types can: F32, F16, BF16, "
      "Q8_0, Q4_0");
}

}  // namespace
}  // namespace loam
