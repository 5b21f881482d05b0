// Several sequences in a cache that does not hold them all: they wait, and lose their pages, and their text is the
// same.
#include <map>

#include "base/error.h"
#include "tests/engine/tiny_engine.h"
#include "tests/support/support.h"

namespace loam {
namespace {

using test::endless;
using test::random_tokens;

struct Request {
  int n_prompt;
  int64_t n_generated;
  KvOptions kv = {};
};

class Preemption : public testing::TestWithParam<const char*> {
 protected:
  std::unique_ptr<Engine> load(EngineOptions options) {
    return test::tiny_engine(folder_, {.arch = GetParam()}, std::move(options));
  }

  // The tokens of each request when all run together, and how many steps ran fewer than all that were started.
  std::vector<std::vector<Token>> run(Engine& engine, const std::vector<Request>& requests, int n_together) {
    std::vector<std::vector<Token>> tokens(requests.size());
    std::map<Sequence*, size_t> index;
    std::vector<std::unique_ptr<Sequence>> sequences;
    const auto start = [&](size_t i) {
      sequences.push_back(engine.open({.kv = requests[i].kv}));
      index[sequences.back().get()] = i;
      engine.start(*sequences.back(), random_tokens(requests[i].n_prompt, static_cast<uint32_t>(i)),
                   endless(requests[i].n_generated, i));
    };
    size_t n_started = 0;
    while (n_started < static_cast<size_t>(n_together)) start(n_started++);
    for (auto results = engine.step(); !results.empty(); results = engine.step()) {
      for (const StepResult& r : results) {
        if (r.token >= 0) tokens[index.at(r.sequence)].push_back(r.token);
        if (r.finish == FinishReason::none) continue;
        EXPECT_EQ(r.finish, FinishReason::length);
        std::erase_if(sequences, [&](const auto& s) { return s.get() == r.sequence; });
        if (n_started < requests.size()) start(n_started++);
      }
    }
    return tokens;
  }

  std::vector<std::vector<Token>> alone(const std::vector<Request>& requests) {
    std::vector<std::vector<Token>> tokens;
    for (size_t i = 0; i < requests.size(); ++i) {
      const auto engine = load({.context = 512, .kv = requests[i].kv});
      const auto sequence = engine->open();
      const auto prompt = random_tokens(requests[i].n_prompt, static_cast<uint32_t>(i));
      tokens.push_back(engine->generate(*sequence, prompt, endless(requests[i].n_generated, i), {}).tokens);
    }
    return tokens;
  }

  test::TempFolder folder_;
};

INSTANTIATE_TEST_SUITE_P(, Preemption, testing::Values("llama", "gemma3"));

TEST_P(Preemption, TheTextIsTheSameWithTooFewPages) {
  const std::vector<Request> requests{{100, 120}, {40, 150}, {150, 60}, {5, 100}, {90, 90}, {33, 31}, {200, 50}};
  const auto expected = alone(requests);
  for (const int n_together : {2, 4, 7})
    for (const int chunk : {16, 200}) {
      const auto engine = load({.context = 256, .parallel = 1, .chunk = chunk});
      EXPECT_EQ(run(*engine, requests, n_together), expected) << n_together << " together, chunks of " << chunk;
      EXPECT_GT(engine->cache_stats().n_preempted, 0) << n_together << " together, chunks of " << chunk;
    }
}

TEST_P(Preemption, SequencesOfSeveralTypesShareTheCache) {
  const KvOptions f32{DType::f32, DType::f32}, q8{DType::q8_0, DType::q8_0}, q4{DType::q4_0, DType::q4_0};
  const std::vector<Request> requests{{60, 30, f32}, {100, 100, q8}, {90, 60}, {120, 60, q4}, {33, 31}, {50, 50, q8}};
  const auto engine = load({.context = 256, .parallel = 1, .chunk = 64});
  EXPECT_EQ(run(*engine, requests, 6), alone(requests));
}

TEST_P(Preemption, APromptWaitsUntilThereIsRoomAndNobodyOvertakesIt) {
  const auto engine = load({.context = 256, .parallel = 1, .chunk = 256});
  const auto first = engine->open(), second = engine->open(), third = engine->open();
  engine->start(*first, random_tokens(100, 1), endless(20));
  engine->start(*second, random_tokens(200, 2), endless(1));
  engine->start(*third, random_tokens(3, 3), {.sampling = endless(1), .priority = -4});  // stands behind
  std::vector<Sequence*> finished;
  for (auto results = engine->step(); !results.empty(); results = engine->step()) {
    if (finished.empty()) {
      EXPECT_EQ(second->n_processed() + third->n_processed(), 0);
    }
    for (const StepResult& r : results)
      if (r.finish != FinishReason::none) finished.push_back(r.sequence);
  }
  EXPECT_EQ(finished, (std::vector<Sequence*>{first.get(), second.get(), third.get()}));
  EXPECT_EQ(engine->cache_stats().n_preempted, 0);
}

TEST_P(Preemption, EvaluationTakesPagesFromGenerations) {
  const auto engine = load({.context = 256, .parallel = 1, .chunk = 64});
  const auto generating = engine->open(), evaluated = engine->open();
  engine->start(*generating, random_tokens(150, 0), endless(60));
  for (int i = 0; i < 10; ++i) engine->step();
  engine->evaluate(*evaluated, random_tokens(200, 9), 64, 199, [](int64_t, std::span<const float>) {});
  EXPECT_EQ(engine->cache_stats().n_preempted, 1);
  while (!engine->step().empty()) {
  }
  const std::vector<Token>& tokens = generating->tokens();
  EXPECT_EQ(std::vector<Token>(tokens.begin() + 150, tokens.end()), alone({{150, 60}}).front());
}

}  // namespace
}  // namespace loam
