// The elementary functions, on the scalar set; vector_test.cpp checks that every other set gives the same bits.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "quant/half.h"

namespace loam::test {
namespace {

#include "kernels/isa/scalar.h"

#include "kernels/math.inl"

constexpr float kInfinity = std::numeric_limits<float>::infinity();

float exp_of(float x) { return exp(Isa::splat(x)).lane[0]; }
float tanh_of(float x) { return tanh(Isa::splat(x)).lane[0]; }

// Distance in units of the last place of the float nearest to `expected`.
double ulps(float got, double expected) {
  const float nearest = static_cast<float>(std::abs(expected));
  return std::abs(got - expected) / (std::nextafter(nearest, kInfinity) - nearest);
}

TEST(Math, ExpIsWithinOneAndAHalfUlps) {
  double worst = 0;
  for (float x = -87.3f; x < 88.7f; x += 0.00037f) worst = std::max(worst, ulps(exp_of(x), std::exp(double{x})));
  EXPECT_LT(worst, 1.5);
}

TEST(Math, ExpAtItsEnds) {
  EXPECT_EQ(exp_of(0.0f), 1.0f);
  EXPECT_EQ(exp_of(-0.0f), 1.0f);
  EXPECT_EQ(exp_of(-kInfinity), 0.0f);
  EXPECT_EQ(exp_of(-87.4f), 0.0f);
  EXPECT_EQ(exp_of(-1e30f), 0.0f);
  EXPECT_LT(exp_of(88.72f), kInfinity);
  EXPECT_EQ(exp_of(88.73f), kInfinity);
  EXPECT_EQ(exp_of(kInfinity), kInfinity);
  EXPECT_TRUE(std::isnan(exp_of(NAN)));
}

TEST(Math, ExpNeverDecreases) {
  float last = 0;
  for (float x = -88; x < 89; x += 0.001f) {
    const float now = exp_of(x);
    ASSERT_GE(now, last) << x;
    last = now;
  }
}

TEST(Math, TanhIsWithinTwoUlps) {
  double worst = 0;
  for (float x = -12; x < 12; x += 0.00011f) worst = std::max(worst, ulps(tanh_of(x), std::tanh(double{x})));
  EXPECT_LT(worst, 2);
}

TEST(Math, TanhIsOddAndEndsAtOne) {
  for (float x = 0; x < 20; x += 0.37f) EXPECT_EQ(tanh_of(-x), -tanh_of(x));
  EXPECT_EQ(tanh_of(50), 1.0f);
  EXPECT_EQ(tanh_of(kInfinity), 1.0f);
  EXPECT_EQ(tanh_of(-kInfinity), -1.0f);
  EXPECT_EQ(tanh_of(1e-30f), 1e-30f);
  EXPECT_TRUE(std::isnan(tanh_of(NAN)));
}

}  // namespace
}  // namespace loam::test
