// The penalty of repetitions against its plain definition.
#include "engine/sampler/dry.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "engine/sampler/random.h"

namespace loam {
namespace {

// By the definition, one place after another. `breaks`: whether a breaker ends in a token of the history.
std::vector<float> dry_penalties(const SamplingOptions& o, const std::vector<Token>& all, size_t n_vocab,
                                 const std::function<bool(size_t)>& breaks) {
  std::vector<float> penalty(n_vocab);
  const size_t window = o.dry_penalty_last_n < 0 ? all.size() : static_cast<size_t>(o.dry_penalty_last_n);
  const size_t begin = all.size() - std::min(window, all.size()), end = all.size();
  for (size_t next = begin + 1; next < end; ++next) {  // what followed there
    size_t n = 0;
    while (n < next - begin && !breaks(end - 1 - n) && all[next - 1 - n] == all[end - 1 - n]) ++n;
    if (n < static_cast<size_t>(o.dry_allowed_length)) continue;
    float& most = penalty[static_cast<size_t>(all[next])];
    const double exponent = static_cast<double>(n) - o.dry_allowed_length;
    most = std::max(most, static_cast<float>(o.dry_multiplier * std::pow(double{o.dry_base}, exponent)));
  }
  return penalty;
}

TEST(Dry, LowersWhatWouldProlongTheLongestRepetition) {
  for (const int window : {-1, 30, 3})
    for (const int allowed : {1, 2, 4}) {
      SamplingOptions options{.dry_multiplier = 0.8f, .dry_allowed_length = allowed, .dry_penalty_last_n = window};
      Dry dry(options, {});
      Random random(8);
      std::vector<Token> history;
      for (int i = 0; i < 200; ++i) {
        history.push_back(static_cast<Token>(random.uniform() * 3));
        std::vector<float> logits(4, 100.0f);
        dry.apply(logits, history);
        const std::vector<float> expected = dry_penalties(options, history, 4, [](size_t) { return false; });
        for (size_t t = 0; t < 4; ++t) ASSERT_FLOAT_EQ(logits[t], 100 - expected[t]) << i << ", token " << t;
      }
    }
}

// Tokens spell "a", "b", "c;", ";" and "-": ";" breaks within a token, "-;" across two.
TEST(Dry, RepetitionsDoNotReachOverBreakers) {
  const std::vector<std::string> pieces{"a", "b", "c;", ";", "-"};
  SamplingOptions options{.dry_multiplier = 1, .dry_base = 2, .dry_allowed_length = 1};
  const auto penalties = [&](std::vector<std::string> breakers, const std::vector<Token>& history) {
    options.dry_sequence_breakers = std::move(breakers);
    Dry dry(options, [&](Token t) { return pieces[static_cast<size_t>(t)]; });
    std::vector<float> logits(5);
    for (size_t n = 1; n < history.size(); ++n) dry.apply(logits, std::span(history).first(n));
    std::ranges::fill(logits, 0.0f);
    dry.apply(logits, history);
    return logits;
  };
  using Logits = std::vector<float>;
  EXPECT_EQ(penalties({}, {0, 1, 2, 0, 1}), (Logits{0, 0, -2, 0, 0}));
  EXPECT_EQ(penalties({";"}, {0, 1, 2, 0, 1}), (Logits{0, 0, 0, 0, 0}));                // holds a breaker
  EXPECT_EQ(penalties({"-;"}, {0, 4, 3, 1, 0, 4, 3}), (Logits{0, 0, 0, 0, 0}));         // the text ends in one
  EXPECT_EQ(penalties({"-;"}, {0, 4, 3, 1, 0, 0, 4, 3, 1}), (Logits{-1, 0, 0, 0, 0}));  // back to the breaker
  EXPECT_EQ(penalties({}, {0, 4, 3, 1, 0, 0, 4, 3, 1}), (Logits{-8, 0, 0, 0, 0}));
}

TEST(Dry, LongRepetitionsStayFinite) {
  Dry dry({.dry_multiplier = 1}, {});
  std::vector<float> logits(1);
  dry.apply(logits, std::vector<Token>(5000, 0));
  EXPECT_TRUE(std::isfinite(logits[0]));
}

}  // namespace
}  // namespace loam
