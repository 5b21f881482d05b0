// Every vector operation of every instruction set against its formula in double precision.
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <random>
#include <vector>

#include "kernels/kernel_table.h"
#include "quant/block_format.h"
#include "tests/kernels/tested_kernels.h"

namespace loam {
namespace {

using test::tested_kernels;

using Floats = std::vector<float>;

constexpr int kLongest = 67;
constexpr float kGuard = 12345.5f;  // stands behind every output, and must still be there afterwards

Floats random_floats(int n, uint32_t seed, float spread = 2) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0, spread);
  Floats x(n);
  for (float& v : x) v = normal(random);
  return x;
}

Floats guarded(Floats x) {
  x.push_back(kGuard);
  return x;
}

void expect_near(const Floats& got, const std::vector<double>& expected, double tolerance, std::string_view isa) {
  ASSERT_EQ(got.size(), expected.size() + 1);
  for (size_t i = 0; i < expected.size(); ++i)
    ASSERT_NEAR(got[i], expected[i], tolerance * (1 + std::abs(expected[i])))
        << isa << ", element " << i << " of " << expected.size();
  ASSERT_EQ(got.back(), kGuard) << isa << " wrote past the end, n = " << expected.size();
}

// check(kernels, n) for every set and every length 1…67.
void for_each_length(const std::function<void(const KernelTable&, int)>& check) {
  for (const KernelTable* kernels : tested_kernels())
    for (int n = 1; n <= kLongest; ++n) {
      check(*kernels, n);
      if (testing::Test::HasFatalFailure()) return;
    }
}

std::vector<double> each(int n, const std::function<double(int)>& f) {
  std::vector<double> out(n);
  for (int i = 0; i < n; ++i) out[i] = f(i);
  return out;
}

TEST(Vector, RmsNorm) {
  for_each_length([](const KernelTable& kernels, int n) {
    const Floats x = random_floats(n, n), weight = random_floats(n, n + 100);
    double squares = 0;
    for (const float v : x) squares += double{v} * v;
    const double scale = 1 / std::sqrt(squares / n + 1e-5);

    Floats out = guarded(Floats(n));
    kernels.rms_norm(x.data(), weight.data(), n, 1e-5f, out.data());
    expect_near(out, each(n, [&](int i) { return x[i] * scale * weight[i]; }), 1e-6, kernels.name);
    kernels.rms_norm(x.data(), nullptr, n, 1e-5f, out.data());
    expect_near(out, each(n, [&](int i) { return x[i] * scale; }), 1e-6, kernels.name);

    Floats in_place = guarded(x);
    kernels.rms_norm(in_place.data(), nullptr, n, 1e-5f, in_place.data());
    EXPECT_EQ(in_place, out) << kernels.name;
  });
}

TEST(Vector, RmsNormOfALongRowKeepsItsPrecision) {
  for (const KernelTable* kernels : tested_kernels()) {
    const Floats x = random_floats(16384, 1);
    double squares = 0;
    for (const float v : x) squares += double{v} * v;
    Floats out(x.size());
    kernels->rms_norm(x.data(), nullptr, static_cast<int64_t>(x.size()), 0, out.data());
    EXPECT_NEAR(out[0] / (x[0] / std::sqrt(squares / x.size())), 1, 1e-6) << kernels->name;
  }
}

TEST(Vector, LayerNorm) {
  for_each_length([](const KernelTable& kernels, int n) {
    const Floats x = random_floats(n, n), weight = random_floats(n, n + 100), bias = random_floats(n, n + 200);
    double sum = 0, squares = 0;
    for (const float v : x) sum += v;
    for (const float v : x) squares += (v - sum / n) * (v - sum / n);
    const double scale = 1 / std::sqrt(squares / n + 1e-5);

    Floats out = guarded(Floats(n));
    kernels.layer_norm(x.data(), weight.data(), bias.data(), n, 1e-5f, out.data());
    expect_near(out, each(n, [&](int i) { return (x[i] - sum / n) * scale * weight[i] + bias[i]; }), 2e-5,
                kernels.name);
    kernels.layer_norm(x.data(), weight.data(), nullptr, n, 1e-5f, out.data());
    expect_near(out, each(n, [&](int i) { return (x[i] - sum / n) * scale * weight[i]; }), 2e-5, kernels.name);
    kernels.layer_norm(x.data(), nullptr, nullptr, n, 1e-5f, out.data());
    expect_near(out, each(n, [&](int i) { return (x[i] - sum / n) * scale; }), 2e-5, kernels.name);
    kernels.layer_norm(x.data(), weight.data(), bias.data(), n, 1e-5f, out.data());
    Floats in_place = guarded(x);
    kernels.layer_norm(in_place.data(), weight.data(), bias.data(), n, 1e-5f, in_place.data());
    EXPECT_EQ(in_place, out) << kernels.name;
  });
}

TEST(Vector, AddScaleMultiplyAdd) {
  for_each_length([](const KernelTable& kernels, int n) {
    const Floats x = random_floats(n, n), y = random_floats(n, n + 100);
    Floats out = guarded(x);
    kernels.add(out.data(), y.data(), n);
    expect_near(out, each(n, [&](int i) { return double{x[i]} + y[i]; }), 1e-7, kernels.name);
    out = guarded(x);
    kernels.scale(out.data(), -0.37f, n);
    expect_near(out, each(n, [&](int i) { return x[i] * -0.37; }), 1e-7, kernels.name);
    out = guarded(x);
    kernels.multiply(out.data(), y.data(), n);
    expect_near(out, each(n, [&](int i) { return double{x[i]} * y[i]; }), 1e-7, kernels.name);
    out = guarded(x);
    kernels.multiply_add(out.data(), y.data(), 1.7f, n);
    expect_near(out, each(n, [&](int i) { return x[i] + 1.7 * y[i]; }), 3e-7, kernels.name);
  });
}

// The formulas in double precision.
double activated(const Activation& a, double x) {
  const auto sigmoid = [](double v) { return 1 / (1 + std::exp(-v)); };
  const double bent = a.alpha_negative * (std::expm1(std::min<double>(x, a.epsilon)) - x);
  switch (a.kind) {
    case Activation::silu: return x * sigmoid(x);
    case Activation::gelu: return 0.5 * x * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
    case Activation::gelu_erf: return 0.5 * x * std::erfc(-x / std::sqrt(2.0));
    case Activation::gelu_quick: return x * sigmoid(1.702 * x);
    case Activation::relu: return std::max(x, 0.0);
    case Activation::relu_squared: return std::max(x, 0.0) * std::max(x, 0.0);
    case Activation::sigmoid: return sigmoid(x);
    case Activation::softplus: return std::max(x, 0.0) + std::log1p(std::exp(-std::abs(x)));
    case Activation::xielu: return (x > 0 ? a.alpha_positive * x * x : bent) + a.beta * x;
    default: return NAN;
  }
}

const std::vector<Activation> kActivations = {
    {Activation::silu},
    {Activation::gelu},
    {Activation::gelu_erf},
    {Activation::gelu_quick},
    {Activation::relu},
    {Activation::relu_squared},
    {Activation::sigmoid},
    {Activation::softplus},
    {.kind = Activation::xielu, .alpha_positive = 0.8f, .alpha_negative = 0.7f, .beta = 0.5f, .epsilon = -1e-6f}};

TEST(Vector, ActivationsAloneAndAsGates) {
  for (const Activation& a : kActivations)
    for_each_length([&](const KernelTable& kernels, int n) {
      const Floats x = random_floats(n, n, 3), up = random_floats(n, n + 100);
      Floats out = guarded(x);
      kernels.activate(a, out.data(), nullptr, n, out.data());
      expect_near(out, each(n, [&](int i) { return activated(a, x[i]); }), 1e-6, kernels.name);
      kernels.activate(a, x.data(), up.data(), n, out.data());
      const double tolerance = a.kind == Activation::gelu_erf ? 2e-6 : 1e-6;  // its formula's 1e-7, times x · up
      expect_near(out, each(n, [&](int i) { return activated(a, x[i]) * up[i]; }), tolerance, kernels.name);
    });
}

TEST(Vector, ClampedGates) {
  const Activation oai{.kind = Activation::swiglu_oai, .limit = 2, .alpha_positive = 1.702f};
  const Activation both{.kind = Activation::swiglu_clamped, .limit = 1.5f};
  const Activation first{.kind = Activation::swiglu_limited, .limit = 1.5f};
  const auto clamp = [](double v, double limit) { return std::clamp(v, -limit, limit); };
  for_each_length([&](const KernelTable& kernels, int n) {
    const Floats gate = random_floats(n, n, 3), up = random_floats(n, n + 100, 3);
    Floats out = guarded(Floats(n));
    kernels.activate(oai, gate.data(), up.data(), n, out.data());
    const auto expected = [&](int i) {
      const double g = std::min<double>(gate[i], 2);
      return g / (1 + std::exp(-1.702 * g)) * (clamp(up[i], 2) + 1);
    };
    expect_near(out, each(n, expected), 1e-6, kernels.name);
    kernels.activate(both, gate.data(), up.data(), n, out.data());
    const auto silu = [&](int i) { return activated({Activation::silu}, gate[i]); };
    expect_near(out, each(n, [&](int i) { return std::min(silu(i), 1.5) * clamp(up[i], 1.5); }), 1e-6, kernels.name);
    kernels.activate(first, gate.data(), up.data(), n, out.data());
    const auto limited = [&](int i) { return activated({Activation::silu}, std::min(gate[i], 1.5f)); };
    expect_near(out, each(n, [&](int i) { return limited(i) * clamp(up[i], 1.5); }), 1e-6, kernels.name);
  });
}

TEST(Vector, SoftlyLimitedGates) {
  for_each_length([&](const KernelTable& kernels, int n) {
    const Floats gate = random_floats(n, n, 3), up = random_floats(n, n + 100, 3);
    Floats out = guarded(Floats(n));
    for (const float limit : {0.0f, 1.5f}) {
      kernels.activate({.kind = Activation::situ, .limit = limit, .beta = 2}, gate.data(), up.data(), n, out.data());
      const auto expected = [&](int i) {
        const double u = limit > 0 ? limit * std::tanh(double{up[i]} / limit) : double{up[i]};
        return 2 * std::tanh(double{gate[i]} / 2) / (1 + std::exp(-double{gate[i]})) * u;
      };
      expect_near(out, each(n, expected), 1e-6, kernels.name);
    }
  });
}

TEST(Vector, GatesOfExtremeNumbers) {
  const Floats gate = {-1e30f, -200, -90, 0, 90, 200, 1e30f};
  const Floats ones(gate.size(), 1);
  for (const KernelTable* kernels : tested_kernels()) {
    const int64_t n = static_cast<int64_t>(gate.size());
    Floats silu(n), gelu(n);
    kernels->activate({Activation::silu}, gate.data(), ones.data(), n, silu.data());
    kernels->activate({Activation::gelu}, gate.data(), ones.data(), n, gelu.data());
    for (int i = 0; i < n; ++i) {
      const double expected = gate[i] > 0 ? gate[i] : 0;
      EXPECT_NEAR(silu[i], expected, 1e-30) << kernels->name << " silu " << gate[i];
      EXPECT_NEAR(gelu[i], expected, 1e-30) << kernels->name << " gelu " << gate[i];
    }
  }
}

TEST(Vector, Softmax) {
  for_each_length([](const KernelTable& kernels, int n) {
    const Floats x = random_floats(n, n, 4);
    double sum = 0;
    for (const float v : x) sum += std::exp(double{v});
    Floats out = guarded(x);
    kernels.softmax(out.data(), n);
    expect_near(out, each(n, [&](int i) { return std::exp(double{x[i]}) / sum; }), 1e-6, kernels.name);
  });
}

TEST(Vector, SoftmaxOfLargeNumbersAndMinusInfinity) {
  for (const KernelTable* kernels : tested_kernels()) {
    Floats x = {-std::numeric_limits<float>::infinity(), 3e38f, -3e38f, 3e38f, 0};
    kernels->softmax(x.data(), 5);
    EXPECT_EQ(x, (Floats{0, 0.5f, 0, 0.5f, 0})) << kernels->name;
  }
}

TEST(Vector, Softcap) {
  for_each_length([](const KernelTable& kernels, int n) {
    const Floats x = random_floats(n, n, 40);
    Floats out = guarded(x);
    kernels.softcap(out.data(), 30, n);
    expect_near(out, each(n, [&](int i) { return 30 * std::tanh(x[i] / 30.0); }), 1e-6, kernels.name);
  });
}

TEST(Vector, HalfPrecisionBothWays) {
  for_each_length([](const KernelTable& kernels, int n) {
    const Floats x = random_floats(n, n, 1000);
    std::vector<uint16_t> half(n + 1, 0xABCD);
    kernels.to_f16(x.data(), n, half.data());
    EXPECT_EQ(half.back(), 0xABCD) << kernels.name;
    Floats back = guarded(Floats(n));
    kernels.to_f32(half.data(), n, back.data());
    EXPECT_EQ(back.back(), kGuard) << kernels.name;
    for (int i = 0; i < n; ++i) {
      ASSERT_EQ(half[i], f32_to_f16(x[i])) << kernels.name << " " << x[i];
      ASSERT_EQ(back[i], f16_to_f32(half[i])) << kernels.name << " " << half[i];
    }
  });
}

// What is behind the rotated features must stay as it was.
TEST(Vector, Rope) {
  for (const KernelTable* kernels : tested_kernels())
    for (const bool adjacent : {true, false})
      for (int half = 1; half <= kLongest; ++half) {
        const Floats x = random_floats(2 * half, half), angle = random_floats(half, half + 100);
        Floats cos(half), sin(half);
        for (int i = 0; i < half; ++i) cos[i] = std::cos(angle[i]), sin[i] = std::sin(angle[i]);
        std::vector<double> expected(2 * half);
        for (int i = 0; i < half; ++i) {
          const int re = adjacent ? 2 * i : i, im = adjacent ? 2 * i + 1 : i + half;
          expected[re] = double{x[re]} * cos[i] - double{x[im]} * sin[i];
          expected[im] = double{x[re]} * sin[i] + double{x[im]} * cos[i];
        }
        Floats out = guarded(x);
        kernels->rope(out.data(), cos.data(), sin.data(), 2 * half, adjacent);
        expect_near(out, expected, 1e-6, kernels->name);
        if (HasFatalFailure()) return;
      }
}

// The same number at any place of a vector of any length: what batch-invariance rests on.
TEST(Vector, ResultsDoNotDependOnThePlaceInAVector) {
  const Floats gate = random_floats(kLongest, 1, 3), up = random_floats(kLongest, 2);
  for (const KernelTable* kernels : tested_kernels())
    for (const Activation& a : kActivations) {
      Floats whole(kLongest);
      kernels->activate(a, gate.data(), up.data(), kLongest, whole.data());
      for (int i = 0; i < kLongest; ++i) {
        float alone;
        kernels->activate(a, gate.data() + i, up.data() + i, 1, &alone);
        EXPECT_EQ(alone, whole[i]) << kernels->name;
      }
    }
}

// Elementwise operations take the same steps on every set, each rounded once.
TEST(Vector, EverySetGivesTheBitsOfTheScalarSet) {
  const Floats gate = random_floats(kLongest, 1, 20), up = random_floats(kLongest, 2);
  const auto run = [&](const KernelTable& kernels) {
    Floats capped = gate, scaled = gate;
    kernels.softcap(capped.data(), 7, kLongest);
    kernels.multiply_add(scaled.data(), up.data(), 1.7f, kLongest);
    std::vector outputs{capped, scaled};
    for (const Activation& a : kActivations)
      kernels.activate(a, gate.data(), up.data(), kLongest, outputs.emplace_back(kLongest).data());
    return outputs;
  };
  const auto expected = run(*available_kernels().front());
  for (const KernelTable* kernels : tested_kernels()) EXPECT_EQ(run(*kernels), expected) << kernels->name;
}

}  // namespace
}  // namespace loam
