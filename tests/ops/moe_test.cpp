// The mixture of experts against its definition, and against itself in other batches.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "tests/ops/ops_support.h"

namespace loam::test {
namespace {

constexpr int kDim = 64, kFfn = 48 + 48, kExperts = 8;

struct Experts {
  Weights router, gate, up, down;

  explicit Experts(DType dtype, uint32_t seed = 1)
      : router(DType::f32, kExperts, kDim, seed),
        gate(dtype, kFfn, kDim, seed + 1, kExperts),
        up(dtype, kFfn, kDim, seed + 2, kExperts),
        down(dtype, kDim, kFfn, seed + 3, kExperts) {}
};

struct PackedExperts {
  Packed router, gate, up, down;
  PackedExperts(const KernelTable& kernels, const Experts& e)
      : router(kernels, e.router), gate(kernels, e.gate), up(kernels, e.up), down(kernels, e.down) {}
  MoeWeights weights() const { return {router.tensor, gate.tensor, up.tensor, down.tensor}; }
};

std::vector<double> expert_output(const Experts& e, const std::vector<double>& x, int expert, Gate act) {
  std::vector<double> hidden = product(x, e.gate, expert * kFfn, kFfn);
  const std::vector<double> up = product(x, e.up, expert * kFfn, kFfn);
  for (int i = 0; i < kFfn; ++i) hidden[i] = (act == Gate::silu ? silu(hidden[i]) : gelu(hidden[i])) * up[i];
  return product(hidden, e.down, expert * kDim, kDim);
}

std::vector<double> expected_token(const Experts& e, const std::vector<double>& x, const MoeOptions& options) {
  std::vector<double> p = product(x, e.router, 0, kExperts);
  for (double& v : p) v = std::exp(v);
  const double all = std::accumulate(p.begin(), p.end(), 0.0);
  for (double& v : p) v /= all;
  std::vector<int> order(kExperts);
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](int a, int b) { return p[a] > p[b]; });
  order.resize(options.n_used);
  double sum = 1;
  if (options.normalise)
    sum = std::accumulate(order.begin(), order.end(), 0.0, [&](double s, int i) { return s + p[i]; });

  std::vector<double> out(kDim);
  for (const int expert : order) {
    const std::vector<double> y = expert_output(e, x, expert, options.gate);
    for (int i = 0; i < kDim; ++i) out[i] += p[expert] / sum * options.weight_scale * y[i];
  }
  return out;
}

void check(const Experts& experts, const Floats& x, const MoeOptions& options) {
  const int64_t n = static_cast<int64_t>(x.size()) / kDim;
  std::vector<double> expected;
  for (int64_t token = 0; token < n; ++token) {
    const std::vector<double> row(x.begin() + token * kDim, x.begin() + (token + 1) * kDim);
    const std::vector<double> out = expected_token(experts, row, options);
    expected.insert(expected.end(), out.begin(), out.end());
  }
  for_each_context([&](Context& context) {
    const PackedExperts packed(context.kernels, experts);
    expect_near(Ops(context).moe(view(x, n), packed.weights(), options), expected, 2e-5);
  });
}

TEST(Moe, WeightsAndSumsTheMostProbableExperts) {
  const Experts experts(DType::f32);
  for (const int n : {1, 2, 19}) check(experts, random_floats(n * kDim, n), {.n_used = 2});
}

TEST(Moe, Options) {
  const Experts experts(DType::f32);
  const Floats x = random_floats(5 * kDim, 5);
  check(experts, x, {.n_used = 1});
  check(experts, x, {.n_used = kExperts});
  check(experts, x, {.n_used = 3, .normalise = false});
  check(experts, x, {.n_used = 3, .weight_scale = 2.5f});
  check(experts, x, {.n_used = 3, .gate = Gate::gelu});
}

TEST(Moe, MoreChoicesThanGoThroughTogether) { check(Experts(DType::f32), random_floats(600 * kDim, 6), {.n_used = 2}); }

// All experts are equally probable: the first ones are taken.
TEST(Moe, TiesGoToTheLowerIndex) {
  Experts experts(DType::f32);
  std::ranges::fill(experts.router.blocks, std::byte{0});
  std::ranges::fill(experts.router.values, 0.0f);
  check(experts, random_floats(3 * kDim, 7), {.n_used = 3});
}

TEST(Moe, ChoosesSomethingEvenForNan) {
  const Experts experts(DType::f32);
  const Floats x(2 * kDim, NAN);
  for_each_context([&](Context& context) {
    const PackedExperts packed(context.kernels, experts);
    EXPECT_TRUE(std::isnan(Ops(context).moe(view(x, 2), packed.weights(), {.n_used = 2}).f32()[0]));
  });
}

TEST(Moe, DoesNotDependOnTheBatch) {
  for (const DType dtype : {DType::f32, DType::f16, DType::q8_0}) {
    SCOPED_TRACE(name(dtype));
    const Experts experts(dtype);
    expect_batch_invariant(random_floats(60 * kDim, 8), 60, [&](Context& context, const Tensor& x) {
      const PackedExperts packed(context.kernels, experts);
      return Ops(context).moe(x, packed.weights(), {.n_used = 3});
    });
  }
}

// Gate and up of different types want different forms of the input.
TEST(Moe, MixedTypes) {
  Experts experts(DType::q8_0);
  experts.up = Weights(DType::f16, kFfn, kDim, 77, kExperts);
  expect_batch_invariant(random_floats(9 * kDim, 8), 9, [&](Context& context, const Tensor& x) {
    const PackedExperts packed(context.kernels, experts);
    return Ops(context).moe(x, packed.weights(), {.n_used = 2});
  });
}

}  // namespace
}  // namespace loam::test
