// Every filter and way of drawing against its plain definition in double precision.
#include "engine/sampler/filters.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

#include "engine/logprobs.h"
#include "engine/sampler/adaptive_p.h"
#include "engine/sampler/mirostat.h"
#include "engine/sampler/temperature.h"

namespace loam {
namespace {

using Tokens = std::set<Token>;

// Bell-shaped, as a model's are: from 12 sums of uniform numbers.
std::vector<float> some_logits(size_t n, uint64_t seed, double spread = 3) {
  Random random(seed);
  std::vector<float> logits(n);
  for (float& l : logits) {
    double sum = -6;
    for (int i = 0; i < 12; ++i) sum += random.uniform();
    l = static_cast<float>(spread * sum);
  }
  return logits;
}

std::vector<double> softmax(const std::vector<float>& logits, double temperature = 1) {
  const double most = *std::ranges::max_element(logits);
  std::vector<double> p;
  double total = 0;
  for (const float l : logits) total += p.emplace_back(std::exp((l - most) / temperature));
  for (double& x : p) x /= total;
  return p;
}

double entropy(const std::vector<double>& p) {
  double h = 0;
  for (const double x : p) h -= x * std::log(x);
  return h;
}

// Tokens by a key, the smallest first.
template <class Key>
std::vector<size_t> order_by(size_t n, Key key) {
  std::vector<size_t> order(n);
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, {}, key);
  return order;
}

Candidates gathered(const std::vector<float>& logits, size_t k = 0) {
  Candidates candidates;
  candidates.gather(logits, k);
  return candidates;
}

Tokens tokens(const Candidates& candidates) {
  Tokens all;
  for (size_t i = 0; i < candidates.size(); ++i) all.insert(candidates[i].token);
  return all;
}

// The probability of each of n tokens among the candidates.
std::vector<double> shares(Candidates& candidates, size_t n) {
  std::vector<double> share(n);
  candidates.weights();
  for (size_t i = 0; i < candidates.size(); ++i)
    share[static_cast<size_t>(candidates[i].token)] = candidates.weight(i) / candidates.total();
  return share;
}

constexpr size_t kSizes[] = {1, 2, 17, 1000, 5000};

TEST(Candidates, ProbabilitiesAreThoseOfTheSoftmax) {
  for (const size_t n : kSizes) {
    const std::vector<float> logits = some_logits(n, n);
    Candidates all = gathered(logits);
    const std::vector<double> expected = softmax(logits), got = shares(all, n);
    for (size_t i = 0; i < n; ++i) EXPECT_NEAR(got[i], expected[i], 2e-6 * expected[i]) << n << ", " << i;
  }
}

TEST(Candidates, TheKLargestWhateverK) {
  std::vector<float> logits = some_logits(5000, 1);
  for (float& l : logits) l = std::round(l * 8) / 8;  // many are equal
  const auto order = order_by(logits.size(), [&](size_t i) { return -logits[i]; });
  for (const size_t k : {1, 2, 40, 1024, 1025, 4999, 5000, 9999}) {
    Tokens expected;
    for (size_t i = 0; i < std::min(k, logits.size()); ++i) expected.insert(static_cast<Token>(order[i]));
    EXPECT_EQ(tokens(gathered(logits, k)), expected) << k;
    Candidates all = gathered(logits);
    all.keep_likeliest(k);
    EXPECT_EQ(tokens(all), expected) << k;
  }
}

TEST(Candidates, TheLogarithmOfTheSumIsExact) {
  for (const size_t n : kSizes) {
    const std::vector<float> logits = some_logits(n, n + 7, 5);
    long double total = 0;
    for (const float l : logits) total += std::exp(static_cast<long double>(l));
    EXPECT_NEAR(log_sum_exp(logits), static_cast<double>(std::log(total)), 1e-6) << n;
  }
}

TEST(Filters, TopNSigma) {
  for (const size_t n : kSizes)
    for (const float sigmas : {0.5f, 1.0f, 2.0f}) {
      const std::vector<float> logits = some_logits(n, n);
      const double mean = std::accumulate(logits.begin(), logits.end(), 0.0) / static_cast<double>(n);
      double variance = 0;
      for (const float l : logits) variance += (l - mean) * (l - mean) / static_cast<double>(n);
      const double least = *std::ranges::max_element(logits) - sigmas * std::sqrt(variance);
      Tokens expected;
      for (size_t i = 0; i < n; ++i)
        if (logits[i] >= least) expected.insert(static_cast<Token>(i));
      Candidates kept = gathered(logits);
      keep_top_n_sigma(kept, sigmas);
      EXPECT_EQ(tokens(kept), expected) << n << ", " << sigmas;
    }
}

TEST(Filters, TypicalP) {
  for (const size_t n : kSizes)
    for (const float mass : {0.0f, 0.2f, 0.5f, 0.95f}) {
      const std::vector<float> logits = some_logits(n, n + 1);
      const std::vector<double> p = softmax(logits);
      const double h = entropy(p);
      Tokens expected;
      double held = 0;
      for (const size_t i : order_by(n, [&](size_t t) { return std::abs(-std::log(p[t]) - h); })) {
        expected.insert(static_cast<Token>(i));
        if ((held += p[i]) > mass) break;
      }
      Candidates kept = gathered(logits);
      keep_typical(kept, mass);
      EXPECT_EQ(tokens(kept), expected) << n << ", " << mass;
    }
}

TEST(Filters, TopP) {
  for (const size_t n : kSizes)
    for (const float mass : {0.0f, 0.3f, 0.9f, 0.999f}) {
      const std::vector<float> logits = some_logits(n, n + 2);
      const std::vector<double> p = softmax(logits);
      Tokens expected;
      double held = 0;
      for (const size_t i : order_by(n, [&](size_t t) { return -p[t]; })) {
        expected.insert(static_cast<Token>(i));
        if ((held += p[i]) >= mass) break;
      }
      Candidates kept = gathered(logits);
      keep_top_p(kept, mass);
      EXPECT_EQ(tokens(kept), expected) << n << ", " << mass;
    }
}

TEST(Filters, MinP) {
  for (const size_t n : kSizes)
    for (const float share : {0.01f, 0.2f, 1.0f}) {
      const std::vector<float> logits = some_logits(n, n + 3);
      const std::vector<double> p = softmax(logits);
      const double most = *std::ranges::max_element(p);
      Tokens expected;
      for (size_t i = 0; i < n; ++i)
        if (p[i] >= share * most) expected.insert(static_cast<Token>(i));
      Candidates kept = gathered(logits);
      keep_min_p(kept, share);
      EXPECT_EQ(tokens(kept), expected) << n << ", " << share;
    }
}

std::vector<float> log_of(std::vector<float> probabilities) {
  for (float& p : probabilities) p = std::log(p);
  return probabilities;
}

Tokens without_top_choices(const std::vector<float>& p, float threshold) {
  Random random(0);
  Candidates kept = gathered(log_of(p));
  exclude_top_choices(kept, 1, threshold, random);
  return tokens(kept);
}

TEST(Filters, XtcKeepsTheLeastLikelyOfTheTopChoicesAndAllBelow) {
  const std::vector<float> p = {0.05f, 0.4f, 0.2f, 0.25f, 0.1f};
  EXPECT_EQ(without_top_choices(p, 0.15f), (Tokens{0, 2, 4}));
  EXPECT_EQ(without_top_choices(p, 0.3f), (Tokens{0, 1, 2, 3, 4}));  // one alone is no choice
  EXPECT_EQ(without_top_choices(p, 0.01f), (Tokens{0}));
  EXPECT_EQ(without_top_choices(p, 0.6f), (Tokens{0, 1, 2, 3, 4}));  // off
  EXPECT_EQ(without_top_choices({0.25f, 0.25f, 0.25f, 0.25f}, 0.2f), (Tokens{3}));
}

TEST(Filters, XtcHappensWithItsProbability) {
  Random random(3);
  int n = 0;
  for (int i = 0; i < 10000; ++i) {
    Candidates kept = gathered(log_of({0.5f, 0.5f}));
    exclude_top_choices(kept, 0.3f, 0.1f, random);
    n += kept.size() == 1;
  }
  EXPECT_NEAR(n / 10000.0, 0.3, 0.02);
}

TEST(Temperature, DividesTheLogits) {
  const std::vector<float> logits = some_logits(1000, 4);
  for (const float t : {0.1f, 0.7f, 1.0f, 1.5f}) {
    Candidates all = gathered(logits);
    apply_temperature(all, t, 0, 1);
    const std::vector<double> expected = softmax(logits, t), got = shares(all, logits.size());
    for (size_t i = 0; i < logits.size(); ++i) EXPECT_NEAR(got[i], expected[i], 1e-6 + 1e-5 * expected[i]) << t;
  }
}

TEST(Temperature, DynamicFollowsTheEntropy) {
  for (const double spread : {0.3, 3.0, 12.0})
    for (const float exponent : {0.5f, 1.0f, 2.0f}) {
      const std::vector<float> logits = some_logits(100, 5, spread);
      const double undecided = entropy(softmax(logits)) / std::log(100.0);
      const double t = 0.2 + (1.4 - 0.2) * std::pow(undecided, exponent);
      Candidates all = gathered(logits);
      apply_temperature(all, 0.8f, 0.6f, exponent);
      const std::vector<double> expected = softmax(logits, t), got = shares(all, logits.size());
      for (size_t i = 0; i < logits.size(); ++i) EXPECT_NEAR(got[i], expected[i], 1e-5) << spread << ", " << exponent;
    }
}

TEST(Temperature, ARangeThatReachesZeroIsGreedyWhereTheModelIsSure) {
  Candidates sure = gathered({0, 500, 3});
  apply_temperature(sure, 0.5f, 0.5f, 1);
  EXPECT_EQ(tokens(sure), (Tokens{1}));
}

// Draws by the definition from those kept, in the order of their ids, and returns the token's probability among them.
std::pair<Token, double> draw(const std::vector<double>& p, const Tokens& kept, double uniform) {
  double total = 0, sum = 0;
  for (const Token t : kept) total += p[static_cast<size_t>(t)];
  for (const Token t : kept)
    if ((sum += p[static_cast<size_t>(t)]) > uniform * total) return {t, p[static_cast<size_t>(t)] / total};
  return {*kept.rbegin(), 0};
}

TEST(Mirostat, Version2KeepsWhatSurprisesAtMostByItsBound) {
  Mirostat mirostat(2, 3, 0.2f);
  Random random(9), same(9);
  double bound = 6;
  for (uint64_t step = 0; step < 50; ++step) {
    const std::vector<float> logits = some_logits(500, step, 2);
    const std::vector<double> p = softmax(logits);
    Tokens kept;
    for (size_t i = 0; i < p.size(); ++i)
      if (-std::log2(p[i]) <= bound) kept.insert(static_cast<Token>(i));
    if (kept.empty()) kept.insert(static_cast<Token>(std::ranges::max_element(p) - p.begin()));
    const auto [token, share] = draw(p, kept, same.uniform());
    bound -= 0.2f * (-std::log2(share) - 3);
    Candidates all = gathered(logits);
    ASSERT_EQ(mirostat.draw(all, random), token) << step;
    ASSERT_NEAR(mirostat.bound(), bound, 1e-4) << step;
  }
}

TEST(Mirostat, Version1EstimatesZipfsExponent) {
  Mirostat mirostat(1, 4, 0.1f);
  Random random(2), same(2);
  double bound = 8;
  for (uint64_t step = 0; step < 50; ++step) {
    const std::vector<float> logits = some_logits(800, step, 2);
    const std::vector<double> p = softmax(logits);
    const auto order = order_by(p.size(), [&](size_t i) { return -p[i]; });
    double products = 0, squares = 0;
    for (size_t i = 0; i < 99; ++i) {
      const double t = std::log((i + 2.0) / (i + 1.0));
      products += t * std::log(p[order[i]] / p[order[i + 1]]);
      squares += t * t;
    }
    const double s = products / squares, e = s - 1;
    const double k = std::pow(e * std::pow(2, bound) / (1 - std::pow(800.0, -e)), 1 / s);
    Tokens kept;
    for (size_t i = 0; i < std::clamp<size_t>(static_cast<size_t>(k), 1, 800); ++i)
      kept.insert(static_cast<Token>(order[i]));
    const auto [token, share] = draw(p, kept, same.uniform());
    bound -= 0.1f * (-std::log2(share) - 4);
    Candidates all = gathered(logits);
    ASSERT_EQ(mirostat.draw(all, random), token) << step;
    ASSERT_NEAR(mirostat.bound(), bound, 1e-4) << step;
  }
}

TEST(Mirostat, LevelLogitsAndSingleOnesAreDrawnFrom) {
  Random random(1);
  for (const int version : {1, 2})
    for (const size_t n : {1, 2, 300}) {
      Mirostat mirostat(version, 5, 0.1f);
      for (int i = 0; i < 100; ++i) {
        Candidates all = gathered(std::vector<float>(n, 2.0f));
        EXPECT_LT(mirostat.draw(all, random), static_cast<Token>(n));
      }
    }
}

TEST(AdaptiveP, DrawsByTheDistanceFromItsAim) {
  constexpr double kTarget = 0.4f, kDecay = 0.8f;
  AdaptiveP adaptive(0.4f, 0.8f);
  Random random(6), same(6);
  double sum = kTarget / (1 - kDecay), weight = 1 / (1 - kDecay);
  for (uint64_t step = 0; step < 100; ++step) {
    const std::vector<float> logits = some_logits(20, step);
    const std::vector<double> p = softmax(logits);
    const double aim = std::clamp(2 * kTarget - sum / weight, 0.0, 1.0);
    EXPECT_NEAR(adaptive.aim(), aim, 1e-5);
    std::vector<double> bent;
    Tokens all_tokens;
    for (const double x : p) {
      const double d = std::abs(x - aim) / 0.3;
      all_tokens.insert(static_cast<Token>(bent.size()));
      bent.push_back(std::exp(5 - 10 * d * d / (1 + d)));
    }
    const Token token = draw(bent, all_tokens, same.uniform()).first;
    sum = p[static_cast<size_t>(token)] + kDecay * sum;
    weight = 1 + kDecay * weight;
    Candidates all = gathered(logits);
    ASSERT_EQ(adaptive.draw(all, random), token) << step;
  }
}

TEST(AdaptiveP, TheMeanProbabilityComesToTheTarget) {
  for (const float target : {0.2f, 0.3f, 0.45f}) {
    AdaptiveP adaptive(target, 0.9f);
    Random random(4);
    const std::vector<float> p{0.5f, 0.3f, 0.15f, 0.05f};
    double sum = 0;
    constexpr int kSteps = 5000;
    for (int step = 0; step < kSteps; ++step) {
      Candidates all = gathered(log_of(p));
      sum += p[static_cast<size_t>(adaptive.draw(all, random))];
    }
    EXPECT_NEAR(sum / kSteps, target, 0.05);
  }
}

TEST(Logprobs, AreTheLogarithmsOfTheSoftmax) {
  const std::vector<float> logits = some_logits(5000, 11);
  const std::vector<double> p = softmax(logits);
  const auto order = order_by(p.size(), [&](size_t i) { return -p[i]; });
  const ScoredToken scored = score(logits, 123, 20);
  EXPECT_NEAR(scored.logprob.value(), std::log(p[123]), 2e-6);
  ASSERT_EQ(scored.top.size(), 20u);
  for (size_t i = 0; i < 20; ++i) {
    EXPECT_EQ(scored.top[i].token, static_cast<Token>(order[i]));
    EXPECT_NEAR(scored.top[i].logprob, std::log(p[order[i]]), 2e-6);
  }
  EXPECT_TRUE(score(logits, 5, 0).top.empty());
}

TEST(Logprobs, AreFiniteWhateverTheLogits) {
  const float infinity = std::numeric_limits<float>::infinity(), nan = std::nanf("");
  const ScoredToken scored = score(std::vector<float>{nan, 1, -infinity, 1}, 0, 4);
  EXPECT_EQ(scored.logprob, -9999);
  ASSERT_EQ(scored.top.size(), 2u);
  EXPECT_NEAR(scored.top[0].logprob, -std::log(2.0), 1e-6);
  EXPECT_EQ(score(std::vector<float>{nan, nan}, 1, 2).logprob, -9999);
  EXPECT_EQ(score(std::vector<float>{infinity, 0}, 1, 2).logprob, -9999);
}

}  // namespace
}  // namespace loam
