#include <gtest/gtest.h>

#include <cmath>

#include "model/model_config.h"

namespace loam {
namespace {

TEST(MakeRope, PlainFrequenciesFallGeometrically) {
  const Rope rope = make_rope({.n_rotated = 8, .base = 10000}, true, {});
  EXPECT_EQ(rope.n_rotated, 8);
  EXPECT_TRUE(rope.adjacent);
  ASSERT_EQ(rope.inverse_frequencies.size(), 4u);
  for (int i = 0; i < 4; ++i) EXPECT_NEAR(rope.inverse_frequencies[i], std::pow(10.0, -i), 1e-7);
  EXPECT_EQ(rope.attention_factor, 1);
}

TEST(MakeRope, FactorsDivide) {
  const std::vector<float> factors{1, 2, 4, 8};
  const Rope rope = make_rope({.n_rotated = 8, .base = 10000}, false, factors);
  for (int i = 0; i < 4; ++i) EXPECT_NEAR(rope.inverse_frequencies[i], std::pow(10.0, -i) / factors[i], 1e-7);
}

TEST(MakeRope, LinearScalingDividesAllAlike) {
  const Rope rope = make_rope({.n_rotated = 8, .base = 10000, .scaling = RopeScaling::linear, .factor = 4}, false, {});
  for (int i = 0; i < 4; ++i) EXPECT_NEAR(rope.inverse_frequencies[i], std::pow(10.0, -i) / 4, 1e-7);
  EXPECT_EQ(rope.attention_factor, 1);
}

RopeConfig yarn() {
  RopeConfig config{.n_rotated = 128, .base = 1000000, .scaling = RopeScaling::yarn, .factor = 4};
  config.original_context = 32768;
  return config;
}

// With 32 and 1 turns in 32768 tokens at base 10^6: pair_with_turns = 64·ln(32768/(2π·turns))/ln(10^6) → 23.59, 39.65;
// the blend runs from pair 23 to pair 40.
TEST(MakeRope, YarnKeepsFastPairsDividesSlowOnesAndBlendsBetween) {
  const Rope rope = make_rope(yarn(), false, {});
  const auto full = [](int pair) { return std::pow(1e6, -2.0 * pair / 128); };
  const auto ratio = [&](int pair) { return rope.inverse_frequencies[static_cast<size_t>(pair)] / full(pair); };
  EXPECT_NEAR(ratio(0), 1, 1e-6);
  EXPECT_NEAR(ratio(23), 1, 1e-6);
  EXPECT_NEAR(ratio(40), 0.25, 1e-6);
  EXPECT_NEAR(ratio(63), 0.25, 1e-6);
  const double kept = 1 - (30.0 - 23) / (40 - 23);
  EXPECT_NEAR(ratio(30), 0.25 * (1 - kept) + kept, 1e-6);
}

TEST(MakeRope, YarnMagnitudeGrowsWithTheLogarithmOfTheFactor) {
  RopeConfig config = yarn();
  EXPECT_NEAR(make_rope(config, false, {}).attention_factor, 1 + 0.1 * std::log(4.0), 1e-6);
  config.attention_factor = 0.5;
  EXPECT_NEAR(make_rope(config, false, {}).attention_factor, 0.5 * (1 + 0.1 * std::log(4.0)), 1e-6);
  config.attention_factor = 1;
  config.log_multiplier = 1;  // mscale_all_dim takes the whole magnitude out again
  EXPECT_NEAR(make_rope(config, false, {}).attention_factor, 1, 1e-6);
  config.ext_factor = 0;
  EXPECT_NEAR(make_rope(config, false, {}).attention_factor, 1, 1e-6);
}

}  // namespace
}  // namespace loam
