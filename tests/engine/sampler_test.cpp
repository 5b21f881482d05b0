#include "engine/sampler.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>

#include "base/error.h"

namespace loam {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
const float kNan = std::nanf("");

// Everything off: the softmax of the logits as they are.
SamplingOptions plain() { return {.temperature = 1, .top_k = 0, .top_p = 1, .min_p = 0}; }

SamplingOptions greedy() {
  SamplingOptions options = plain();
  options.temperature = 0;
  return options;
}

Token sample_once(const SamplingOptions& options, const std::vector<float>& logits,
                  const std::vector<Token>& history = {}) {
  return Sampler(options, static_cast<int64_t>(logits.size())).sample(logits, history);
}

// Share of each token among many draws.
std::vector<double> shares(const SamplingOptions& options, const std::vector<float>& logits, int n = 20000) {
  Sampler sampler(options, static_cast<int64_t>(logits.size()));
  std::vector<double> share(logits.size());
  for (int i = 0; i < n; ++i) share[static_cast<size_t>(sampler.sample(logits, {}))] += 1.0 / n;
  return share;
}

std::set<Token> drawn(const SamplingOptions& options, const std::vector<float>& logits) {
  std::set<Token> tokens;
  const std::vector<double> share = shares(options, logits, 3000);
  for (size_t i = 0; i < share.size(); ++i)
    if (share[i] > 0) tokens.insert(static_cast<Token>(i));
  return tokens;
}

std::vector<float> logits_of(std::vector<float> probabilities) {
  for (float& p : probabilities) p = std::log(p);
  return probabilities;
}

TEST(Sampler, GreedyTakesTheFirstOfTheLargest) {
  EXPECT_EQ(sample_once(greedy(), {1, 3, 3, -2}), 1);
  EXPECT_EQ(sample_once(greedy(), {kNan, -5, kNan}), 1);
}

TEST(Sampler, DrawsInProportionToTheProbabilities) {
  const std::vector<double> share = shares(plain(), logits_of({0.5f, 0.3f, 0.2f}));
  EXPECT_NEAR(share[0], 0.5, 0.02);
  EXPECT_NEAR(share[1], 0.3, 0.02);
  EXPECT_NEAR(share[2], 0.2, 0.02);
}

TEST(Sampler, TemperatureSharpensAfterTheOthersHaveChosen) {
  SamplingOptions options = plain();
  options.temperature = 0.5f;  // p² / Σp²
  const std::vector<double> share = shares(options, logits_of({0.6f, 0.4f}));
  EXPECT_NEAR(share[0], 0.36 / 0.52, 0.02);
  options.top_p = 0.65f;  // of the probabilities before the temperature: 0.6 is not enough
  EXPECT_EQ(drawn(options, logits_of({0.6f, 0.3f, 0.1f})), (std::set<Token>{0, 1}));
}

// SplitMix64 of seed 0 begins with 0xe220a8397b1dcdaf, 0x6e789e6aa1b965f4: 0.8833 and 0.4315 of the way.
TEST(Sampler, DrawsAreTheSameOnEveryMachine) {
  Sampler sampler(plain(), 100);
  const std::vector<float> level(100, 1.0f);
  EXPECT_EQ(sampler.sample(level, {}), 88);
  EXPECT_EQ(sampler.sample(level, {}), 43);
}

TEST(Sampler, EqualSeedsGiveEqualDrawsAndOthersDoNot) {
  std::vector<float> level(1000, 0.0f);
  const auto draws = [&](uint64_t seed) {
    SamplingOptions options = plain();
    options.seed = seed;
    Sampler sampler(options, 1000);
    std::vector<Token> tokens;
    for (int i = 0; i < 20; ++i) tokens.push_back(sampler.sample(level, {}));
    return tokens;
  };
  EXPECT_EQ(draws(7), draws(7));
  EXPECT_NE(draws(7), draws(8));
}

TEST(Sampler, TopKKeepsTheLargestAndTheLowerIdsAmongEquals) {
  SamplingOptions options = plain();
  options.top_k = 3;
  EXPECT_EQ(drawn(options, {0, 1, 0, 1, 0, 2}), (std::set<Token>{1, 3, 5}));
  EXPECT_EQ(drawn(options, {1, 1, 1, 1, 1, 1}), (std::set<Token>{0, 1, 2}));
  options.top_k = 1;
  EXPECT_EQ(drawn(options, {0, 1, 2, 1}), (std::set<Token>{2}));
}

TEST(Sampler, TopPKeepsTheFewestThatHoldTheProbability) {
  SamplingOptions options = plain();
  options.top_p = 0.75f;
  EXPECT_EQ(drawn(options, logits_of({0.2f, 0.5f, 0.3f})), (std::set<Token>{1, 2}));
  options.top_p = 0;
  EXPECT_EQ(drawn(options, logits_of({0.2f, 0.5f, 0.3f})), (std::set<Token>{1}));
}

// More candidates than the first sorted run holds: 400 equal ones of which half are kept, the lower ids.
TEST(Sampler, TopPReachesAsFarAsItMust) {
  SamplingOptions options = plain();
  options.top_p = 0.5f;
  const std::set<Token> kept = drawn(options, std::vector<float>(400, 2.0f));
  EXPECT_GT(kept.size(), 190u);
  EXPECT_LE(*kept.rbegin(), 200);
}

TEST(Sampler, MinPKeepsWhatIsProbableBesideTheBest) {
  SamplingOptions options = plain();
  options.min_p = 0.3f;
  EXPECT_EQ(drawn(options, logits_of({0.1f, 0.6f, 0.1f, 0.2f})), (std::set<Token>{1, 3}));
}

TEST(Sampler, RepeatPenaltyDividesPositiveAndMultipliesNegativeLogits) {
  SamplingOptions options = greedy();
  options.repeat_penalty = 2;
  EXPECT_EQ(sample_once(options, {3, 2}, {0}), 1);        // 1.5 < 2
  EXPECT_EQ(sample_once(options, {3, 1}, {0, 0, 0}), 0);  // once, however often it occurred
  EXPECT_EQ(sample_once(options, {-1, -1.5f}, {0}), 1);   // −2 < −1.5
  EXPECT_EQ(sample_once(options, {-1, -1.5f}, {0, 1}), 0);
}

TEST(Sampler, PresenceCountsOnceAndFrequencyEachTime) {
  SamplingOptions options = greedy();
  options.presence_penalty = 1;
  EXPECT_EQ(sample_once(options, {3, 1.5f}, {0, 0, 0}), 0);
  options.presence_penalty = 0;
  options.frequency_penalty = 1;
  EXPECT_EQ(sample_once(options, {3, 1.5f}, {0}), 0);
  EXPECT_EQ(sample_once(options, {3, 1.5f}, {0, 0}), 1);
}

TEST(Sampler, PenaltiesLookBackOverTheWindow) {
  SamplingOptions options = greedy();
  options.presence_penalty = 5;
  options.penalty_window = 2;
  EXPECT_EQ(sample_once(options, {3, 2, 1}, {0, 1, 2}), 0);
  options.penalty_window = -1;
  EXPECT_EQ(sample_once(options, {3, 2, -9}, {0, 2, 2}), 1);
  options.penalty_window = 0;
  EXPECT_EQ(sample_once(options, {3, 2, 1}, {0, 1, 2}), 0);
}

TEST(Sampler, BiasForbidsAndForces) {
  SamplingOptions options = greedy();
  options.logit_bias = {{1, -kInfinity}};
  EXPECT_EQ(sample_once(options, {1, 9, 2}), 2);
  options.logit_bias = {{0, 100.0f}};
  EXPECT_EQ(sample_once(options, {1, 9, 2}), 0);
  options = plain();
  options.logit_bias = {{0, kInfinity}};
  EXPECT_EQ(drawn(options, {1, 9, 2}), (std::set<Token>{0}));
}

TEST(Sampler, FallsBackWhereNothingIsLeft) {
  SamplingOptions options = plain();
  options.logit_bias = {{0, -kInfinity}, {1, -kInfinity}, {2, -kInfinity}};
  EXPECT_EQ(sample_once(options, {1, 9, 2}), 1);  // greedy over the model's own logits
  EXPECT_EQ(sample_once(plain(), {kNan, kNan}), 0);
  EXPECT_EQ(sample_once(plain(), {-kInfinity, -kInfinity, kNan}), 0);
}

TEST(Sampler, NanIsNeverDrawn) { EXPECT_EQ(drawn(plain(), {kNan, 1, 1, kNan}), (std::set<Token>{1, 2})); }

void expect_refused(const SamplingOptions& options, const std::string& parameter) {
  try {
    options.validate(100);
    ADD_FAILURE() << parameter << " was accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Error::Code::invalid);
    EXPECT_EQ(error.where(), parameter);
  }
}

TEST(SamplingOptions, RefusesWhatHasNoMeaningAndNamesIt) {
  EXPECT_NO_THROW(SamplingOptions{}.validate(100));
  expect_refused({.temperature = kNan}, "temperature");
  expect_refused({.temperature = -1}, "temperature");
  expect_refused({.temperature = kInfinity}, "temperature");
  expect_refused({.top_k = -1}, "top_k");
  expect_refused({.top_p = 1.5f}, "top_p");
  expect_refused({.min_p = kNan}, "min_p");
  expect_refused({.repeat_penalty = 0}, "repeat_penalty");
  expect_refused({.presence_penalty = kNan}, "presence_penalty");
  expect_refused({.frequency_penalty = kInfinity}, "frequency_penalty");
  expect_refused({.penalty_window = -2}, "penalty_window");
  expect_refused({.logit_bias = {{100, 1.0f}}}, "logit_bias");
  expect_refused({.logit_bias = {{-1, 1.0f}}}, "logit_bias");
  expect_refused({.logit_bias = {{5, kNan}}}, "logit_bias");
  expect_refused({.stop = {""}}, "stop");
  expect_refused({.stop = std::vector<std::string>(1000, "x")}, "stop");
  expect_refused({.max_tokens = -2}, "max_tokens");
}

}  // namespace
}  // namespace loam
