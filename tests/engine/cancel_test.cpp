// Loading, steps and answers that are stopped: nothing is left half done.
#include <atomic>

#include "tests/engine/engine_support.h"

namespace loam::test {
namespace {

TEST(Engine, LoadingReportsAndCanBeCancelled) {
  LOAM_NEEDS(kSmol);
  uint64_t last = 0, all = 0;
  EngineOptions options;
  options.progress = [&](uint64_t done, uint64_t total) { return last = done, all = total, true; };
  load(kSmol, options);
  EXPECT_EQ(last, all);
  EXPECT_GT(all, uint64_t{80} << 20);
  options.progress = [](uint64_t, uint64_t) { return false; };
  expect_error(Error::Code::cancelled, "", "stopped before it was done", [&] { load(kSmol, options); });
}

TEST(Engine, AStepCanBeCancelledAnywhereAndRunAgain) {
  LOAM_NEEDS(kMoe);
  const std::vector<Token> tokens = some_tokens(40);
  const std::vector<float> expected = logits(*load(kMoe), tokens);
  std::atomic<int> n_asked = 0, limit = -1;  // any thread asks
  const auto engine = load(kMoe, {.cancelled = [&] { return n_asked++ == limit; }});
  logits(*engine, tokens);
  const int n_operations = n_asked;
  ASSERT_GT(n_operations, 20);
  const auto sequence = engine->open();
  for (limit = 0; limit < n_operations; limit += 5) {
    n_asked = 0;
    sequence->truncate(0);
    expect_error(Error::Code::cancelled, "", "cancelled", [&] { logits(*engine, *sequence, tokens, 512); });
    EXPECT_EQ(sequence->n_processed(), 0);
    sequence->truncate(0);
    n_asked = limit + 1;
    EXPECT_TRUE(same_bits(expected, logits(*engine, *sequence, tokens, 512))) << limit;
  }
}

TEST(Engine, AnAnswerWhosePromptIsCancelledEndsAsCancelled) {
  LOAM_NEEDS(kSmol);
  bool stop = true;
  const auto engine = load(kSmol, {.context = 256, .cancelled = [&] { return stop; }});
  const auto prompt = engine->tokenizer().encode("The capital of France is", {});
  const auto sequence = engine->open();
  const auto generate = [&] {
    return engine->generate(*sequence, prompt, {.temperature = 0, .max_tokens = 4},
                            [](std::string_view) { return true; });
  };
  EXPECT_EQ(generate().finish, FinishReason::cancelled);
  stop = false;
  EXPECT_EQ(generate().finish, FinishReason::length);
}

}  // namespace
}  // namespace loam::test
