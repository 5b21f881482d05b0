// What a cache takes, and which types a model's heads can be kept in.
#include "model/kv_cache.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "model/model_config.h"

namespace loam {
namespace {

// Qwen3-30B-A3B's shape.
ModelConfig qwen3_30b() {
  ModelConfig c;
  c.n_layers = 48, c.n_heads = 32, c.n_kv_heads = 4, c.head_dim = 128, c.value_dim = 128;
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

TEST(KvCache, GivesAndTakesItsPages) {
  KvCache cache(qwen3_30b(), {DType::q4_0, DType::q4_0}, {.context = 70, .parallel = 2});
  EXPECT_EQ(cache.n_pages(), 6);
  const int32_t page = cache.take_page();
  EXPECT_EQ(cache.free_pages(), 5);
  cache.give_page(page);
  EXPECT_EQ(cache.free_pages(), 6);
}

TEST(KvCache, RefusesTypesThatTheHeadsDoNotFit) {
  const auto refusal = [](int head_dim, int value_dim, KvOptions options) {
    ModelConfig c = qwen3_30b();
    c.head_dim = head_dim, c.value_dim = value_dim;
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
