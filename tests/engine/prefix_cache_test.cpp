// What sequences share of the cache: counted, never between salts, and with the same bits as without it.
#include "engine/prefix_cache.h"

#include <cstring>
#include <map>

#include "model/model_config.h"
#include "tests/engine/tiny_engine.h"
#include "tests/support/support.h"

namespace loam {
namespace {

using test::endless;
using test::random_tokens;

// ---- names and pages ----

TEST(PageName, DependsOnEverythingBeforeIt) {
  const PageName root = PageName::root("m", {}, 0, "ann");
  EXPECT_EQ(root, PageName::root("m", {}, 0, "ann"));
  for (const PageName& other :
       {PageName::root("n", {}, 0, "ann"), PageName::root("m", {DType::f16, DType::q8_0}, 0, "ann"),
        PageName::root("m", {}, 2, "ann"), PageName::root("m", {}, 0, "bob"), PageName::root("m\nann", {}, 0, "")})
    EXPECT_NE(root, other);
  const std::vector<Token> a = random_tokens(32, 1), b = random_tokens(32, 2);
  EXPECT_EQ(root.next(a).next(b), root.next(a).next(b));
  EXPECT_NE(root.next(a).next(b), root.next(b).next(a));
  EXPECT_NE(root.next(a), root.next(std::span(a).first(31)));
}

class Pages : public testing::Test {
 protected:
  static ModelConfig config() {
    ModelConfig c;
    c.n_layers = 2, c.n_heads = c.n_kv_heads = 1, c.head_dim = c.value_dim = 32;
    c.sliding_window = 40;
    c.fill_layers();
    c.layer(0).sliding = true;
    return c;
  }
  PageName name(int i) const { return PageName().next(random_tokens(32, static_cast<uint32_t>(i))); }
  int32_t take(PagePool& pool) {
    EXPECT_TRUE(cache_.make_room(pool.page_bytes()));
    return cache_.take(pool);
  }
  int32_t named(int i) { return cache_.keep(name(i), pool_.pages, take(pool_.pages)); }

  std::shared_ptr<KvCache> kv_ = std::make_shared<KvCache>(config(), KvOptions{}, KvRoom{.context = 96, .chunk = 1});
  PrefixCache cache_{kv_, true};
  KvPool& pool_ = kv_->pool({});
  const uint64_t page_ = pool_.pages.page_bytes();  // windows' pages are as large
};

TEST_F(Pages, WhatIsForgottenHasNoNameAndNoSnapshot) {
  const PageName ann = PageName::root("m", {}, 0, "ann"), bob = PageName::root("m", {}, 0, "bob");
  std::vector<int32_t> windows;
  for (const PageName& name : {ann, bob}) {
    const int32_t page = cache_.keep(name, pool_.pages, take(pool_.pages));
    windows.push_back(take(pool_.window_pages));
    cache_.keep_snapshot(name, {{&pool_.window_pages, windows.back()}});
    cache_.give(pool_.pages, page);
  }
  cache_.give(pool_.window_pages, windows[1]);
  EXPECT_EQ(cache_.unused_bytes(), 3 * page_);
  cache_.forget(PageName::owner_of("ann"));
  EXPECT_FALSE(cache_.has(ann) || cache_.has_snapshot(ann));
  EXPECT_TRUE(cache_.has(bob) && cache_.has_snapshot(bob));
  EXPECT_EQ(cache_.unused_bytes(), 2 * page_);
  EXPECT_EQ(kv_->free_bytes(), 3 * page_);  // one is still in use
  cache_.give(pool_.window_pages, windows[0]);
  EXPECT_EQ(kv_->free_bytes(), 4 * page_);
}

TEST_F(Pages, ANamedPageOutlivesItsUsersUntilItsMemoryIsNeeded) {
  ASSERT_EQ(kv_->budget(), 6 * page_);
  std::vector<int32_t> pages;
  for (int i = 0; i < 6; ++i) pages.push_back(named(i));
  EXPECT_FALSE(cache_.make_room(1));  // all have users
  for (const int i : {3, 1, 5}) cache_.give(pool_.pages, pages[i]);
  EXPECT_EQ(cache_.unused_bytes(), 3 * page_);
  EXPECT_EQ(cache_.find(name(3)), pages[3]);  // used again
  cache_.give(pool_.pages, pages[3]);
  EXPECT_FALSE(cache_.make_room(4 * page_));
  EXPECT_EQ(cache_.n_evicted(), 0);
  EXPECT_TRUE(cache_.make_room(2 * page_));
  EXPECT_FALSE(cache_.has(name(1)) || cache_.has(name(5)));  // not used for longest
  EXPECT_TRUE(cache_.has(name(3)) && cache_.has(name(0)));
  EXPECT_EQ(cache_.n_evicted(), 2);
}

TEST_F(Pages, APageFilledTwiceIsKeptOnce) {
  const int32_t first = named(1), second = take(pool_.pages);
  EXPECT_EQ(cache_.keep(name(1), pool_.pages, second), first);
  EXPECT_EQ(kv_->free_bytes(), 5 * page_);
  cache_.give(pool_.pages, first);
  EXPECT_EQ(cache_.unused_bytes(), 0u);  // the other still uses it
  cache_.give(pool_.pages, first);
  EXPECT_EQ(cache_.unused_bytes(), page_);
}

TEST_F(Pages, AUserWhoWritesGetsACopy) {
  const int32_t page = named(1);
  std::ranges::fill(pool_.pages.bytes(page), std::byte{9});
  int32_t mine = page;
  ASSERT_TRUE(cache_.own(pool_.pages, mine));
  EXPECT_NE(mine, page);
  EXPECT_EQ(std::memcmp(pool_.pages.bytes(mine).data(), pool_.pages.bytes(page).data(), page_), 0);
  EXPECT_TRUE(cache_.has(name(1)));
  const int32_t before = mine;
  ASSERT_TRUE(cache_.own(pool_.pages, mine));  // it is his own already
  EXPECT_EQ(mine, before);
}

TEST_F(Pages, WithoutRoomForACopyTheNameGoes) {
  int32_t page = named(1);
  const int32_t before = page, other = cache_.find(name(1));
  std::vector<int32_t> all;
  while (cache_.make_room(page_)) all.push_back(cache_.take(pool_.pages));
  EXPECT_FALSE(cache_.own(pool_.pages, page));  // the other needs it
  cache_.give(pool_.pages, other);
  ASSERT_TRUE(cache_.own(pool_.pages, page));
  EXPECT_EQ(page, before);
  EXPECT_FALSE(cache_.has(name(1)));
  all.push_back(page);
  for (const int32_t p : all) cache_.give(pool_.pages, p);
  EXPECT_EQ(kv_->free_bytes(), kv_->budget());
}

TEST_F(Pages, SnapshotsSharePagesAndGoAlone) {
  PagePool& windows = pool_.window_pages;
  const std::vector<int32_t> pages{take(windows), take(windows), take(windows)};
  cache_.keep_snapshot(name(1), {{&windows, pages[0]}, {&windows, pages[1]}});
  cache_.keep_snapshot(name(2), {{&windows, pages[1]}, {&windows, pages[2]}});
  for (const int32_t page : pages) cache_.give(windows, page);
  EXPECT_EQ(cache_.unused_bytes(), 3 * page_);
  const auto found = cache_.find_snapshot(name(1));
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].page, pages[0]);
  EXPECT_EQ(found[1].page, pages[1]);
  EXPECT_EQ(cache_.unused_bytes(), page_);
  EXPECT_TRUE(cache_.make_room(4 * page_));  // the second has not been used for longer, but has one page of its own
  EXPECT_FALSE(cache_.has_snapshot(name(2)));
  EXPECT_TRUE(cache_.has_snapshot(name(1)));
  for (int i = 0; i < 2; ++i) cache_.give(windows, pages[i]);
  EXPECT_TRUE(cache_.make_room(6 * page_));
  EXPECT_EQ(kv_->free_bytes(), kv_->budget());
}

// ---- sequences ----

class Sharing : public testing::TestWithParam<const char*> {
 protected:
  std::unique_ptr<Engine> load(EngineOptions options) {
    return test::tiny_engine(folder_, {.arch = GetParam()}, std::move(options));
  }
  static std::vector<float> logits(Engine& engine, const std::vector<Token>& tokens, int64_t from,
                                   const SequenceOptions& options = {}) {
    const auto sequence = engine.open(options);
    std::vector<float> all;
    engine.evaluate(*sequence, tokens, 64, from,
                    [&](int64_t, std::span<const float> row) { all.insert(all.end(), row.begin(), row.end()); });
    return all;
  }
  static GenerateResult generate(Engine& engine, const std::vector<Token>& prompt, int64_t n,
                                 const SequenceOptions& options = {}, uint64_t seed = 0) {
    const auto sequence = engine.open(options);
    return engine.generate(*sequence, prompt, endless(n, seed), {});
  }

  test::TempFolder folder_;
};

INSTANTIATE_TEST_SUITE_P(, Sharing, testing::Values("llama", "gemma3", "mamba", "qwen3next"));

TEST_P(Sharing, ASecondTurnComputesOnlyTheNewTokensWithTheSameBits) {
  const auto engine = load({.context = 1024, .chunk = 64}), fresh = load({.context = 1024, .prefix_cache = false});
  std::vector<Token> prompt = random_tokens(200, 1);
  int64_t n_held = 0;  // that the last turn has left in the cache
  for (int turn = 0; turn < 4; ++turn) {
    const GenerateResult result = generate(*engine, prompt, 50, {}, static_cast<uint64_t>(turn));
    EXPECT_EQ(result.n_reused, n_held) << turn;
    EXPECT_EQ(result.tokens, generate(*fresh, prompt, 50, {}, static_cast<uint64_t>(turn)).tokens) << turn;
    prompt.insert(prompt.end(), result.tokens.begin(), result.tokens.end());
    n_held = std::ssize(prompt) - 1;  // the last token was never computed
    const std::vector<Token> more = random_tokens(30 + turn, 100 + static_cast<uint32_t>(turn));
    prompt.insert(prompt.end(), more.begin(), more.end());
  }
  EXPECT_EQ(logits(*engine, prompt, std::ssize(prompt) - 1), logits(*fresh, prompt, std::ssize(prompt) - 1));
}

TEST_P(Sharing, TheSamePromptIsReadOnceButForItsLastTokens) {
  const auto engine = load({.context = 1024, .chunk = 64});
  for (const int n : {1, 31, 32, 33, 64, 65, 200, 256}) {
    const std::vector<Token> prompt = random_tokens(n, static_cast<uint32_t>(n));
    EXPECT_EQ(generate(*engine, prompt, 5).n_reused, 0) << n;
    EXPECT_EQ(generate(*engine, prompt, 5).n_reused, (n - 1) / kPageTokens * kPageTokens) << n;
  }
}

TEST_P(Sharing, NothingIsSharedBetweenSalts) {
  const auto engine = load({.context = 1024, .chunk = 64});
  const std::vector<Token> prompt = random_tokens(300, 1);
  const auto first = generate(*engine, prompt, 40, {.cache_salt = "ann"});
  EXPECT_EQ(generate(*engine, prompt, 40, {.cache_salt = "ann"}).n_reused, 288);
  for (const char* salt : {"bob", "", "ann ", "an"}) {
    const auto other = generate(*engine, prompt, 40, {.cache_salt = salt});
    EXPECT_EQ(other.n_reused, 0) << salt;
    EXPECT_EQ(other.tokens, first.tokens) << salt;
  }
}

// While both hold the same text, each has pages of its own.
TEST_P(Sharing, NotOnePageIsSharedBetweenSalts) {
  const auto used_by = [&](const std::vector<std::string>& salts) {
    const auto engine = load({.context = 512, .parallel = 3, .chunk = 64});
    std::vector<std::unique_ptr<Sequence>> sequences;
    for (const std::string& salt : salts) {
      sequences.push_back(engine->open({.cache_salt = salt}));
      engine->start(*sequences.back(), random_tokens(300, 1), endless(30));
    }
    while (!engine->step().empty()) {
    }
    return engine->cache_stats().used_bytes;
  };
  const uint64_t one = used_by({"ann"});
  EXPECT_GT(one, 0u);
  EXPECT_EQ(used_by({"ann", "bob", "cyd"}), 3 * one);
  // They share all pages, but each has a state of its own.
  EXPECT_LT(used_by({"ann", "ann", "ann"}), (test::RandomModel{.arch = GetParam()}.has_state() ? 3 : 2) * one);
}

TEST_P(Sharing, NothingIsSharedBetweenTypes) {
  const auto engine = load({.context = 1024, .chunk = 64});
  const std::vector<Token> prompt = random_tokens(100, 1);
  const KvOptions q8{DType::q8_0, DType::q8_0};
  const auto expected = logits(*load({.context = 1024, .kv = q8, .prefix_cache = false}), prompt, 99);
  logits(*engine, prompt, 99);
  EXPECT_EQ(logits(*engine, prompt, 99, {.kv = q8}), expected);
  EXPECT_EQ(generate(*engine, prompt, 1, {.kv = q8}).n_reused, 96);
}

// Choices for one prompt that are asked for together.
TEST_P(Sharing, SequencesThatRunTogetherReadTheirCommonPromptOnce) {
  const auto engine = load({.context = 512, .parallel = 4, .chunk = 64});
  const std::vector<Token> prompt = random_tokens(300, 1);
  std::vector<std::unique_ptr<Sequence>> sequences;
  for (uint64_t i = 0; i < 4; ++i) {
    sequences.push_back(engine->open());
    engine->start(*sequences.back(), prompt, endless(20, i));
  }
  std::map<Sequence*, std::vector<Token>> tokens;
  for (auto results = engine->step(); !results.empty(); results = engine->step())
    for (const StepResult& r : results)
      if (r.token >= 0) tokens[r.sequence].push_back(r.token);
  const auto fresh = load({.context = 512, .prefix_cache = false});
  for (uint64_t i = 0; i < 4; ++i) {
    EXPECT_GE(sequences[i]->n_cached(), i == 0 ? 0 : 256);  // the next begins in the step in which the first ends
    EXPECT_EQ(tokens[sequences[i].get()], generate(*fresh, prompt, 20, {}, i).tokens);
  }
}

TEST_P(Sharing, TextsThatPartGoOnFromWhereTheyPart) {
  const auto engine = load({.context = 1024, .chunk = 64}), fresh = load({.context = 1024, .prefix_cache = false});
  const std::vector<Token> common = random_tokens(170, 1);
  for (uint32_t i = 0; i < 4; ++i) {
    std::vector<Token> prompt = common;
    for (const Token token : random_tokens(60, 50 + i)) prompt.push_back(token);
    const GenerateResult result = generate(*engine, prompt, 10);
    // What forgets needs a snapshot where the texts part, which is made once it is known that they do.
    const bool reused = i > (GetParam() == std::string("llama") ? 0 : 1);
    EXPECT_EQ(result.n_reused, reused ? 160 : 0) << i;
    EXPECT_EQ(result.tokens, generate(*fresh, prompt, 10).tokens) << i;
  }
}

// Several texts go on from the end of one, whose last page they fill differently, while its own sequence does, too.
TEST_P(Sharing, SeveralTextsGoOnFromTheEndOfOne) {
  const auto engine = load({.context = 512, .parallel = 5, .chunk = 64}), fresh = load({.context = 512});
  const std::vector<Token> prompt = random_tokens(100, 1);
  const auto first = engine->open();
  std::vector<Token> text = prompt;
  for (const Token token : engine->generate(*first, prompt, endless(50), {}).tokens) text.push_back(token);
  std::vector<std::unique_ptr<Sequence>> sequences;
  for (uint64_t i = 0; i < 4; ++i) {
    std::vector<Token> longer = text;
    longer.push_back(static_cast<Token>(i));
    sequences.push_back(engine->open());
    engine->start(*sequences.back(), longer, endless(60, i));
  }
  engine->start(*first, random_tokens(1, 9), endless(60, 9));
  while (!engine->step().empty()) {
  }
  for (uint64_t i = 0; i < 4; ++i) {
    EXPECT_EQ(sequences[i]->n_cached(), 149) << i;
    const std::vector<Token>& all = sequences[i]->tokens();
    const GenerateResult expected =
        generate(*fresh, {all.begin(), all.begin() + 151}, 60, {.cache_salt = std::to_string(i)}, i);
    EXPECT_EQ(std::vector<Token>(all.begin() + 151, all.end()), expected.tokens) << i;
  }
  const std::vector<Token>& all = first->tokens();
  EXPECT_EQ(std::vector<Token>(all.begin() + 151, all.end()),
            generate(*fresh, {all.begin(), all.begin() + 151}, 60, {}, 9).tokens);
}

TEST_P(Sharing, ATruncatedSequenceDoesNotWriteToPagesOfOthers) {
  const auto engine = load({.context = 512, .parallel = 3, .chunk = 64}), fresh = load({.context = 512});
  const std::vector<Token> tokens = random_tokens(200, 1), more = random_tokens(60, 2);
  for (const int64_t kept : {150, 160, 190, 199}) {
    const auto first = engine->open(), second = engine->open();
    for (Sequence* sequence : {first.get(), second.get()})
      engine->evaluate(*sequence, tokens, 64, 200, [](int64_t, std::span<const float>) {});
    first->truncate(kept);
    engine->evaluate(*first, more, 64, 60, [](int64_t, std::span<const float>) {});
    std::vector<Token> other(tokens.begin(), tokens.begin() + kept);
    other.insert(other.end(), more.begin(), more.end());
    const auto last = [](Engine& e, Sequence& sequence) {
      std::vector<float> row;
      e.evaluate(sequence, random_tokens(5, 3), 64, 4,
                 [&](int64_t, std::span<const float> r) { row.assign(r.begin(), r.end()); });
      return row;
    };
    const auto expected = [&](std::vector<Token> text) {
      const auto sequence = fresh->open({.cache_salt = std::to_string(kept)});
      fresh->evaluate(*sequence, text, 64, std::ssize(text), [](int64_t, std::span<const float>) {});
      return last(*fresh, *sequence);
    };
    EXPECT_EQ(last(*engine, *first), expected(other)) << kept;
    EXPECT_EQ(last(*engine, *second), expected(tokens)) << kept;
  }
}

// Many conversations of several users in a cache that holds a few: whatever is evicted, the texts are right.
TEST_P(Sharing, EvictionChangesNoText) {
  const auto engine = load({.context = 512, .parallel = 2, .chunk = 64}), fresh = load({.context = 512});
  std::map<int, std::vector<Token>> conversations;
  std::mt19937 random(7);
  int64_t n_reused = 0;
  for (uint32_t turn = 0; turn < 60; ++turn) {
    const int who = static_cast<int>(random() % 5);
    std::vector<Token>& text = conversations[who];
    for (const Token token : random_tokens(10 + static_cast<int>(random() % 50), turn)) text.push_back(token);
    const SequenceOptions options{.cache_salt = std::to_string(who % 2)};
    const GenerateResult result = generate(*engine, text, 10, options, turn);
    n_reused += result.n_reused;
    ASSERT_EQ(result.tokens, generate(*fresh, text, 10, {.cache_salt = std::to_string(turn)}, turn).tokens) << turn;
    text.insert(text.end(), result.tokens.begin(), result.tokens.end());
    if (text.size() > 400) text.clear();
  }
  EXPECT_GT(n_reused, 500);
  EXPECT_GT(engine->cache_stats().n_evicted, 0);
}

TEST_P(Sharing, WithoutTheCacheNothingIsKept) {
  const auto engine = load({.context = 512, .prefix_cache = false});
  const std::vector<Token> prompt = random_tokens(100, 1);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(generate(*engine, prompt, 5).n_reused, 0);
  EXPECT_EQ(engine->cache_stats().used_bytes + engine->cache_stats().kept_bytes, 0u);
}

}  // namespace
}  // namespace loam
