// Layers with a state: it goes on where it was left, whatever happens between, and costs what it says. How prefixes of
// such models are shared is tested with those of others (prefix_cache_test, restart_test).
#include <atomic>
#include <map>
#include <random>

#include "engine/planner.h"
#include "tests/engine/engine_support.h"
#include "tests/engine/tiny_engine.h"

namespace loam::test {
namespace {

SamplingOptions greedy(int64_t max_tokens) {
  SamplingOptions options = endless(max_tokens);
  options.temperature = 0;
  return options;
}

class States : public testing::TestWithParam<const char*> {
 protected:
  std::unique_ptr<Engine> load(EngineOptions options) {
    return tiny_engine(folder_, {.arch = GetParam()}, std::move(options));
  }
  TempFolder folder_;
};

INSTANTIATE_TEST_SUITE_P(, States, testing::Values("mamba", "qwen3next"));

TEST_P(States, ChunksAreAsGoodAsTheWhole) {
  const auto engine = load({.context = 512, .prefix_cache = false});
  const std::vector<Token> tokens = random_tokens(150, 1);
  const std::vector<float> expected = logits(*engine, tokens, 512);
  for (const int chunk : {1, 7, 32, 100}) EXPECT_TRUE(same_bits(logits(*engine, tokens, chunk), expected)) << chunk;
}

TEST_P(States, WhatIsTakenBackIsReadAgain) {
  const auto engine = load({.context = 512}), fresh = load({.context = 512, .prefix_cache = false});
  const std::vector<Token> tokens = random_tokens(100, 1), more = random_tokens(20, 2);
  const auto sequence = engine->open();
  logits(*engine, *sequence, tokens, 64);
  for (const int kept : {99, 96, 70, 33, 1, 0}) {
    sequence->truncate(kept);
    std::vector<Token> all(tokens.begin(), tokens.begin() + kept);
    all.insert(all.end(), more.begin(), more.end());
    const std::vector<float> expected = logits(*fresh, all, 64);
    const std::vector<float> got = logits(*engine, *sequence, more, 64);
    ASSERT_EQ(std::vector<float>(expected.end() - std::ssize(got), expected.end()), got) << kept;
    sequence->truncate(0);
    logits(*engine, *sequence, tokens, 64);
  }
}

TEST_P(States, AStepThatFailsHalfwayLeavesNothingBehind) {
  const std::vector<Token> first = random_tokens(50, 1), second = random_tokens(40, 2);
  std::vector<Token> both = first;
  both.insert(both.end(), second.begin(), second.end());
  std::vector<float> expected = logits(*load({.context = 256}), both);
  expected.erase(expected.begin(), expected.end() - std::ssize(second) * RandomModel::kVocab);
  std::atomic<int> n_asked = 0, limit = -1;  // any thread asks
  const auto engine = load({.context = 256, .cancelled = [&] { return n_asked++ == limit; }});
  const auto sequence = engine->open();
  logits(*engine, *sequence, first, 64);
  n_asked = 0;
  ASSERT_TRUE(same_bits(logits(*engine, *sequence, second, 64), expected));
  const int n_operations = n_asked;
  ASSERT_GT(n_operations, 20);
  for (int at = 0; at < n_operations; at += 3) {
    limit = -1;
    sequence->truncate(0);
    logits(*engine, *sequence, first, 64);
    n_asked = 0;
    limit = at;
    expect_error(Error::Code::cancelled, "", "cancelled", [&] { logits(*engine, *sequence, second, 64); });
    limit = -1;
    sequence->truncate(std::ssize(first));
    ASSERT_TRUE(same_bits(logits(*engine, *sequence, second, 64), expected)) << at;
  }
}

// Generations of several, of whose steps every sixteenth is cancelled somewhere: all of them begin anew from their last
// snapshots then, which takes up to fifteen steps, so that the others move on.
TEST_P(States, CancelledAndGoneOnWithTheTextIsTheSame) {
  std::atomic<int> n_asked = 0, limit = -1;  // any thread asks
  const auto engine =
      load({.context = 256, .parallel = 3, .chunk = 32, .cancelled = [&] { return n_asked++ == limit; }});
  const auto alone = load({.context = 256});
  std::vector<std::unique_ptr<Sequence>> sequences;
  for (uint32_t i = 0; i < 3; ++i) {
    sequences.push_back(engine->open());
    engine->start(*sequences[i], random_tokens(60 + static_cast<int>(i), i), greedy(50));
  }
  std::mt19937 random(1);
  int n_failed = 0, n_steps = 0;
  for (bool more = true; more;) {
    ASSERT_LT(++n_steps, 1000);
    limit = n_steps % 16 == 0 ? static_cast<int>(random() % 40) : -1;
    n_asked = 0;
    try {
      more = !engine->step().empty();
    } catch (const Error& error) {
      ASSERT_EQ(error.code(), Error::Code::cancelled);
      ++n_failed;
    }
  }
  EXPECT_GT(n_failed, 3);
  for (uint32_t i = 0; i < 3; ++i) {
    const auto sequence = alone->open();
    const std::vector<Token> prompt = random_tokens(60 + static_cast<int>(i), i);
    alone->generate(*sequence, prompt, greedy(50), {});
    EXPECT_EQ(sequences[i]->tokens(), sequence->tokens()) << i;
  }
}

// More sequences than there are slots: those that do not fit wait.
TEST_P(States, TheTextIsTheSameWithTooFewSlots) {
  const auto engine = load({.context = 128, .parallel = 1, .chunk = 16}), alone = load({.context = 256});
  std::vector<std::unique_ptr<Sequence>> sequences;
  for (uint32_t i = 0; i < 9; ++i) {
    sequences.push_back(engine->open());
    engine->start(*sequences[i], random_tokens(20 + 7 * static_cast<int>(i % 4), i), endless(30, i));
  }
  while (!engine->step().empty()) ASSERT_LE(engine->cache_stats().used_bytes, engine->cache_stats().budget_bytes);
  for (uint32_t i = 0; i < 9; ++i) {
    const auto sequence = alone->open();
    alone->generate(*sequence, random_tokens(20 + 7 * static_cast<int>(i % 4), i), endless(30, i), {});
    EXPECT_EQ(sequences[i]->tokens(), sequence->tokens()) << i;
  }
}

TEST_P(States, ThePlanCountsThem) {
  const auto engine = load({.context = 512, .parallel = 2});
  const uint64_t slot = StateCache::slot_bytes(engine->model().config());
  const Planner planner(engine->file(), select_kernels(), {.context = 512, .parallel = 2});
  EXPECT_GT(slot, 3 * 15 * RandomModel::kDim * sizeof(float));
  EXPECT_EQ(planner.memory().state, 8 * slot);  // two sequences, and three snapshots of each
  EXPECT_EQ(planner.memory(1024).state, 8 * slot);
  EXPECT_EQ(engine->cache_stats().budget_bytes, planner.memory().kv + planner.memory().state);
  if (GetParam() == std::string("mamba")) {
    EXPECT_EQ(KvCache::bytes_per_token(engine->model().config(), {}), 0u);
  }
}

TEST_P(States, NothingIsDraftedAndADraftModelIsRefused) {
  const auto engine = load({.context = 128, .draft = 8});
  const auto sequence = engine->open();
  const std::vector<Token> prompt(60, 7);  // what follows is easy to guess
  engine->generate(*sequence, prompt, {.temperature = 0, .max_tokens = 20}, {});
  EXPECT_EQ(sequence->drafts().drafted, 0);
  EngineOptions options{.context = 128, .draft_model = folder_ / (std::string(GetParam()) + "1.gguf")};
  RandomModel{.seed = 5}.write(folder_ / "llama5.gguf");
  options.map = MapMode::read;
  expect_error(Error::Code::invalid, "draft-model", "keeps a state",
               [&] { Engine::load(folder_ / "llama5.gguf", options); });
}

}  // namespace
}  // namespace loam::test
