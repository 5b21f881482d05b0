// Sequences that come, wait, run and go between the steps of an engine, by a simulated clock.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "base/error.h"
#include "tests/engine/tiny_engine.h"

namespace loam {
namespace {

using test::endless;
using test::random_tokens;

class Scheduling : public testing::Test {
 protected:
  // A step takes 60 ms, and 5 ms for each of its rows.
  std::unique_ptr<Engine> load(EngineOptions options = {}) {
    options.clock = [this] {
      int64_t rows = 0;
      for (const Sequence* s : open_) rows += s->n_processed();
      if (rows > n_rows_) {
        now_ += 0.06 + 0.005 * static_cast<double>(rows - n_rows_);
        n_rows_ = rows;
      }
      return now_;
    };
    options.draft = 0;
    return test::tiny_engine(folder_, {}, std::move(options));
  }

  std::unique_ptr<Sequence> open(Engine& engine) {
    auto sequence = engine.open();
    open_.push_back(sequence.get());
    return sequence;
  }
  void close(std::unique_ptr<Sequence> sequence) {
    std::erase(open_, sequence.get());
    n_rows_ -= sequence->n_processed();
  }

  // Steps until `until` says so, or all is done; counts tokens and notes when each sequence got its first.
  void run(Engine& engine, const std::function<bool()>& until = {}) {
    while (!(until && until())) {
      const auto results = engine.step();
      if (results.empty()) return;
      for (const StepResult& r : results) {
        if (r.token < 0) continue;
        first_token_.try_emplace(r.sequence, now_);
        ++n_tokens_[r.sequence];
      }
    }
  }

  test::TempFolder folder_;
  std::vector<Sequence*> open_;
  int64_t n_rows_ = 0;
  double now_ = 0;
  std::map<const Sequence*, double> first_token_;
  std::map<const Sequence*, int> n_tokens_;
};

TEST_F(Scheduling, AShortRequestBesideALongPromptIsAnsweredWithinASecond) {
  const std::vector<Token> long_prompt = random_tokens(3000, 1);
  double alone = 0;
  for (const bool shared : {false, true}) {
    const auto engine = load({.context = 4096, .parallel = 2});
    const auto prefill = open(*engine), brief = open(*engine);
    const double begin = now_;
    engine->start(*prefill, long_prompt, endless(1));
    if (shared) {
      run(*engine, [&] { return now_ > begin + 4; });
      const double came = now_;
      engine->start(*brief, random_tokens(24, 2), endless(16));
      run(*engine);
      EXPECT_LE(first_token_.at(brief.get()) - came, 1.0);
      EXPECT_LE(first_token_.at(prefill.get()) - begin, 1.15 * alone);
    } else {
      run(*engine);
      alone = first_token_.at(prefill.get()) - begin;
    }
    open_.clear();
    n_rows_ = 0;
  }
}

// A conversation is as long to the queue as what is new of it.
TEST_F(Scheduling, WhatTheCacheHoldsNeedNotBeWaitedFor) {
  const auto engine = load({.context = 4096, .parallel = 2});
  std::vector<Token> conversation = random_tokens(2000, 3);
  auto first = open(*engine);
  engine->start(*first, conversation, endless(1));
  run(*engine);
  close(std::move(first));
  conversation.insert(conversation.end(), 24, 7);
  const auto prefill = open(*engine), next = open(*engine);
  engine->start(*prefill, random_tokens(3000, 1), endless(1));
  run(*engine, [&] { return prefill->n_processed() > 2000; });
  const double came = now_;
  engine->start(*next, conversation, endless(4));
  n_rows_ += 2000;  // which take no time
  run(*engine, [&] { return n_tokens_[next.get()] > 0; });
  EXPECT_EQ(next->n_cached(), 2000);
  EXPECT_LE(first_token_.at(next.get()) - came, 1.0);
}

TEST_F(Scheduling, WhoGeneratesMovesInEveryStepWhileAPromptIsRead) {
  const auto engine = load({.context = 2048, .parallel = 2});
  const auto writer = open(*engine), reader = open(*engine);
  engine->start(*writer, random_tokens(5, 1), endless(200));
  run(*engine, [&] { return n_tokens_[writer.get()] == 3; });
  engine->start(*reader, random_tokens(1500, 2), endless(1));
  int n_steps = 0;
  double longest = 0;
  while (n_tokens_[reader.get()] == 0) {
    const double begin = now_;
    ++n_steps;
    run(*engine, [&] { return now_ > begin; });
    longest = std::max(longest, now_ - begin);
  }
  EXPECT_EQ(n_tokens_[writer.get()], 3 + n_steps);
  EXPECT_LE(longest, 0.4);
}

TEST_F(Scheduling, NoMoreRunThanThereAreSlotsAndEachHasItsTurn) {
  const auto engine = load({.context = 128, .parallel = 8, .slots = 3});
  std::vector<std::unique_ptr<Sequence>> sequences;
  for (uint32_t i = 0; i < 10; ++i) {
    sequences.push_back(open(*engine));
    engine->start(*sequences.back(), random_tokens(10, i), endless(10, i));
  }
  std::set<Sequence*> done;
  for (auto results = engine->step(); !results.empty(); results = engine->step()) {
    EXPECT_LE(results.size(), 3u);
    for (const StepResult& r : results)
      if (r.finish != FinishReason::none) done.insert(r.sequence);
  }
  EXPECT_EQ(done.size(), 10u);
}

TEST_F(Scheduling, TheTextDoesNotDependOnWhoElseRunsWaitsOrComes) {
  std::vector<std::vector<Token>> alone, together(12);
  const auto prompt_of = [](size_t i) {
    return random_tokens(static_cast<int>(5 + 37 * i % 300), static_cast<uint32_t>(i));
  };
  for (size_t i = 0; i < 12; ++i) {
    const auto engine = load({.context = 512});
    const auto sequence = engine->open();
    alone.push_back(engine->generate(*sequence, prompt_of(i), endless(30, i), {}).tokens);
  }
  const auto engine = load({.context = 512, .parallel = 2, .slots = 4});
  std::map<Sequence*, size_t> index;
  std::vector<std::unique_ptr<Sequence>> sequences;
  for (int step = 0; step < 2000; ++step) {
    if (const size_t i = sequences.size(); i < 12 && step % 3 == 0) {
      sequences.push_back(engine->open());
      index[sequences.back().get()] = i;
      engine->start(*sequences.back(), prompt_of(i),
                    {.sampling = endless(30, i), .user = i % 2 ? "odd" : "even", .priority = static_cast<int>(i % 3)});
    }
    for (const StepResult& r : engine->step())
      if (r.token >= 0) together[index.at(r.sequence)].push_back(r.token);
  }
  EXPECT_EQ(together, alone);
}

TEST_F(Scheduling, WhatIsCancelledIsGoneAtOnceAndItsSlotFree) {
  const auto engine = load({.context = 1024, .parallel = 1, .slots = 1});
  auto reads = open(*engine), writes = open(*engine), waits = open(*engine);
  engine->start(*reads, random_tokens(900, 1), endless(5));
  engine->start(*waits, random_tokens(950, 2), endless(5));
  engine->start(*writes, random_tokens(951, 3), endless(500));
  run(*engine, [&] { return reads->n_processed() > 100; });
  engine->cancel(*reads);
  run(*engine, [&] { return waits->n_processed() > 0; });
  EXPECT_EQ(n_tokens_[reads.get()], 0);
  close(std::move(waits));  // without a cancel
  auto results = engine->step();
  ASSERT_EQ(results.size(), 1u);
  EXPECT_EQ(results[0].sequence, writes.get());
  run(*engine, [&] { return n_tokens_[writes.get()] == 3; });
  engine->cancel(*writes);
  EXPECT_TRUE(engine->step().empty());
  engine->start(*reads, random_tokens(2, 5), endless(2));  // goes on with what it holds
  run(*engine);
  EXPECT_EQ(n_tokens_[reads.get()], 2);
}

TEST_F(Scheduling, PagesOfThoseWhoWaitForASlotAreThereForThoseWhoRun) {
  const auto engine = load({.context = 256, .parallel = 1, .slots = 1});
  const auto first = open(*engine), second = open(*engine);
  engine->start(*first, random_tokens(200, 1), endless(2));
  run(*engine);
  engine->start(*second, random_tokens(20, 2), endless(200));  // runs first, and comes to need what `first` holds
  engine->start(*first, random_tokens(20, 3), endless(5));
  run(*engine);
  EXPECT_EQ(n_tokens_[second.get()], 200);
  EXPECT_EQ(n_tokens_[first.get()], 7);
}

TEST_F(Scheduling, AUserWhoFloodsLeavesOthersTheirShare) {
  const auto engine = load({.context = 256, .parallel = 8, .slots = 6});
  std::map<std::string, int> served;
  std::map<const Sequence*, std::string> user_of;
  std::vector<std::unique_ptr<Sequence>> sequences;
  uint32_t seed = 0;
  const auto keep = [&](const std::string& user, int n) {
    n -= static_cast<int>(std::ranges::count_if(user_of, [&](const auto& u) { return u.second == user; }));
    for (; n > 0; --n) {
      sequences.push_back(open(*engine));
      user_of[sequences.back().get()] = user;
      ++seed;
      engine->start(*sequences.back(), random_tokens(40, seed), {.sampling = endless(20, seed), .user = user});
    }
  };
  keep("flood", 30);
  while (now_ < 150) {
    for (const char* user : {"a", "b", "c"}) keep(user, 2);
    keep("flood", 30);
    for (const StepResult& r : engine->step()) {
      if (r.token >= 0 && now_ > 15) ++served[user_of.at(r.sequence)];
      if (r.finish == FinishReason::none) continue;
      user_of.erase(r.sequence);
      const auto it = std::ranges::find(sequences, r.sequence, &std::unique_ptr<Sequence>::get);
      close(std::move(*it));
      sequences.erase(it);
    }
  }
  double sum = 0, squares = 0;
  for (const auto& [_, n] : served) sum += n, squares += double(n) * n;
  EXPECT_EQ(served.size(), 4u);
  EXPECT_GE(sum * sum / (4 * squares), 0.9) << served["flood"] << " beside " << served["a"];
}

// As for the choices of one request: each has a seed of its own.
TEST_F(Scheduling, SeveralSequencesAnswerOnePrompt) {
  const auto engine = load({.context = 256, .parallel = 4});
  const std::vector<Token> prompt = random_tokens(100, 9);
  std::vector<std::unique_ptr<Sequence>> choices;
  for (uint64_t seed = 0; seed < 4; ++seed) {
    choices.push_back(engine->open());
    engine->start(*choices.back(), prompt, endless(20, seed));
  }
  while (!engine->step().empty()) {
  }
  std::set<std::vector<Token>> texts;
  for (uint64_t seed = 0; seed < 4; ++seed) {
    const auto alone = engine->open();
    engine->generate(*alone, prompt, endless(20, seed), {});
    EXPECT_EQ(choices[seed]->tokens(), alone->tokens());
    texts.insert(alone->tokens());
  }
  EXPECT_EQ(texts.size(), 4u);
}

TEST_F(Scheduling, SharesWithoutMeaningAreRefusedByName) {
  const auto engine = load({.context = 64});
  const auto sequence = engine->open();
  const auto expect_refused = [&](const StartOptions& options, const std::string& where) {
    try {
      engine->start(*sequence, random_tokens(3, 1), options);
      ADD_FAILURE() << where << " was accepted";
    } catch (const Error& error) {
      EXPECT_EQ(error.where(), where);
    }
    EXPECT_TRUE(engine->step().empty());
    EXPECT_TRUE(sequence->tokens().empty());
  };
  for (const double weight : {0.0, -1.0, std::nan(""), 1e9}) expect_refused({.weight = weight}, "weight");
  for (const int priority : {-5, 5}) expect_refused({.priority = priority}, "priority");
  EXPECT_THROW(load({.slots = -1}), Error);
}

}  // namespace
}  // namespace loam
