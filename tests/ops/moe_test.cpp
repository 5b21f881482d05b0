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

std::vector<double> expert_output(const Experts& e, const std::vector<double>& x, int expert, const Activation& act) {
  std::vector<double> hidden = product(x, e.gate, expert * kFfn, kFfn);
  const std::vector<double> up = product(x, e.up, expert * kFfn, kFfn);
  for (int i = 0; i < kFfn; ++i) hidden[i] = (act.kind == Activation::silu ? silu(hidden[i]) : gelu(hidden[i])) * up[i];
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
    const std::vector<double> y = expert_output(e, x, expert, options.activation);
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
  check(experts, x, {.n_used = 3, .activation = {Activation::gelu}});
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

Floats run(Context& context, const PackedExperts& packed, const Floats& x, const MoeOptions& options,
           std::span<const BatchSpan> spans = {}) {
  const Tensor out = Ops(context).moe(view(x, static_cast<int64_t>(x.size()) / kDim), packed.weights(), options, spans);
  return copy(out);
}

// Each span's rows as if they ran alone, whether few or many run together.
TEST(Moe, SpansUseTheirOwnNumberOfExperts) {
  const Experts experts(DType::q8_0);
  for (const int n : {1, 20}) {
    const Floats x = random_floats(3 * n * kDim, 10);
    const std::vector<BatchSpan> spans{{.first_row = 0, .n_rows = n, .n_experts = 1},
                                       {.first_row = n, .n_rows = n},
                                       {.first_row = 2 * n, .n_rows = n, .n_experts = kExperts}};
    for_each_context([&](Context& context) {
      const PackedExperts packed(context.kernels, experts);
      const Floats together = run(context, packed, x, {.n_used = 3}, spans);
      const int own[] = {1, 3, kExperts};
      for (int i = 0; i < 3; ++i) {
        const Floats part(x.begin() + i * n * kDim, x.begin() + (i + 1) * n * kDim);
        const Floats rows(together.begin() + i * n * kDim, together.begin() + (i + 1) * n * kDim);
        EXPECT_EQ(run(context, packed, part, {.n_used = own[i]}), rows) << "span " << i;
      }
    });
  }
}

struct Route {
  int layer;
  int64_t row;
  std::vector<int> experts;
  float weight;
};

std::vector<Route> routes(Context& context, const PackedExperts& packed, const Floats& x, const MoeOptions& options) {
  std::vector<Route> seen;
  context.routers.on_route = [&](int layer, int64_t row, std::span<const ExpertChoice> experts) {
    seen.push_back({layer, row, {}, 0});
    for (const ExpertChoice& choice : experts) {
      seen.back().experts.push_back(choice.expert);
      seen.back().weight += choice.weight;
    }
  };
  run(context, packed, x, options);
  context.routers.on_route = {};
  return seen;
}

TEST(Moe, TellsItsRoutes) {
  const Experts experts(DType::f32);
  for (const int n : {3, 9})
    for_each_context([&](Context& context) {
      const PackedExperts packed(context.kernels, experts);
      const Floats x = random_floats(n * kDim, 11);
      const std::vector<Route> seen = routes(context, packed, x, {.layer = 7, .n_used = 3});
      ASSERT_EQ(static_cast<int>(seen.size()), n);
      for (int i = 0; i < n; ++i) {
        const std::vector<double> row(x.begin() + i * kDim, x.begin() + (i + 1) * kDim);
        const std::vector<double> logits = product(row, experts.router, 0, kExperts);
        std::vector<int> order(kExperts);
        std::iota(order.begin(), order.end(), 0);
        std::ranges::sort(order, std::greater{}, [&](int e) { return logits[e]; });
        order.resize(3);
        std::ranges::sort(order);
        EXPECT_EQ(seen[i].layer, 7);
        EXPECT_EQ(seen[i].row, i);
        EXPECT_EQ(seen[i].experts, order);
        EXPECT_NEAR(seen[i].weight, 1, 1e-6);
      }
    });
}

TEST(Moe, ABiasMovesTheRouterOfItsLayerOnly) {
  const Experts experts(DType::f32);
  for (const int n : {2, 9})
    for_each_context([&](Context& context) {
      const PackedExperts packed(context.kernels, experts);
      const Floats x = random_floats(n * kDim, 12);
      const Floats without = run(context, packed, x, {.layer = 1, .n_used = 2});
      context.routers.bias = {{}, {0, 0, 0, 0, 0, 1e4f, 0, -1e4f}};
      for (const Route& route : routes(context, packed, x, {.layer = 1, .n_used = 1}))
        EXPECT_EQ(route.experts, std::vector<int>{5});
      for (const Route& route : routes(context, packed, x, {.layer = 1, .n_used = kExperts - 1}))
        EXPECT_EQ(std::ranges::count(route.experts, 7), 0);
      EXPECT_NE(run(context, packed, x, {.layer = 1, .n_used = 2}), without);
      EXPECT_EQ(run(context, packed, x, {.layer = 0, .n_used = 2}), without);
      EXPECT_EQ(run(context, packed, x, {.layer = 2, .n_used = 2}), without);
    });
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
