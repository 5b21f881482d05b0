// Matrix products and the gated FFN.
#include <algorithm>
#include <atomic>
#include <cmath>
#include <numeric>
#include <random>

#include "base/error.h"
#include "tests/ops/ops_support.h"

namespace loam::test {
namespace {

std::vector<double> doubles(const Floats& x) { return {x.begin(), x.end()}; }

TEST(Linear, MultipliesAndAddsTheBias) {
  const int n = 11;
  const Weights w(DType::f32, 45, 64, 1);
  const Floats x = random_floats(n * 64, 2), bias = random_floats(45, 3);
  std::vector<double> expected = product(doubles(x), w, 0, 45);
  for_each_context([&](Context& context) {
    const Packed packed(context.kernels, w);
    expect_near(Ops(context).linear(view(x, n), packed.linear()), expected, 1e-5);
  });
  for (size_t i = 0; i < expected.size(); ++i) expected[i] += bias[i % 45];
  for_each_context([&](Context& context) {
    const Packed packed(context.kernels, w);
    expect_near(Ops(context).linear(view(x, n), packed.linear(&bias)), expected, 1e-5);
  });
}

TEST(Linear, OfNoRowsIsEmpty) {
  const Weights w(DType::f32, 32, 32, 1);
  for_each_context([&](Context& context) {
    const Packed packed(context.kernels, w);
    const Tensor none{.shape = {0, 32}};
    EXPECT_EQ(Ops(context).linear(none, packed.linear()).shape, (Shape{0, 32}));
    EXPECT_EQ(Ops(context).gated_ffn(none, packed.linear(), packed.linear(), packed.linear()).shape, (Shape{0, 32}));
  });
}

// Weights that multiply with int8 codes and with float32 share one call.
TEST(Linear, SeveralTypesTogetherEqualEachAlone) {
  const int n = 13;
  const Weights a(DType::q8_0, 70, 64, 1), b(DType::f16, 33, 64, 2), c(DType::q4_0, 16, 64, 3);
  const Floats x = random_floats(n * 64, 4), bias = random_floats(70, 5);
  for_each_context([&](Context& context) {
    const Packed pa(context.kernels, a), pb(context.kernels, b), pc(context.kernels, c);
    const Linear la = pa.linear(&bias), lb = pb.linear(), lc = pc.linear();
    Ops f(context);
    for (const int64_t rows : {n, 1}) {
      const Floats part(x.begin(), x.begin() + rows * 64);
      const std::vector<Tensor> together = f.linears(view(part, rows), {&la, &lb, &lc});
      EXPECT_EQ(copy(together[0]), copy(f.linear(view(part, rows), la)));
      EXPECT_EQ(copy(together[1]), copy(f.linear(view(part, rows), lb)));
      EXPECT_EQ(copy(together[2]), copy(f.linear(view(part, rows), lc)));
    }
  });
}

// A permutation of [0, n).
std::vector<int32_t> random_order(int32_t n, uint32_t seed) {
  std::vector<int32_t> order(static_cast<size_t>(n));
  std::iota(order.begin(), order.end(), 0);
  std::shuffle(order.begin(), order.end(), std::mt19937(seed));
  return order;
}

Linear ordered(Linear w, const std::vector<int32_t>& order) {
  const auto n = static_cast<int64_t>(order.size());
  w.input_order = {.dtype = DType::i32, .shape = {n}, .data = const_cast<int32_t*>(order.data())};
  return w;
}

// Each row's features in an order.
Floats in_order(const Floats& x, const std::vector<int32_t>& order) {
  Floats out;
  for (size_t row = 0; row < x.size(); row += order.size())
    for (const int32_t i : order) out.push_back(x[row + static_cast<size_t>(i)]);
  return out;
}

// Weights with orders of their own, and of all kinds of activations, in one call: each has the bits of a product with
// what was put in order beforehand.
TEST(Linear, GathersTheInputInTheOrderOfItsColumns) {
  const std::vector<int32_t> one = random_order(96, 1), other = random_order(96, 2);
  const Weights a(DType::q4_0, 70, 96, 1), b(DType::q8_0, 33, 96, 2), c(DType::f16, 16, 96, 3),
      d(DType::q5_0, 9, 96, 4);
  const Floats bias = random_floats(70, 5);
  for_each_context([&](Context& context) {
    const Packed pa(context.kernels, a), pb(context.kernels, b), pc(context.kernels, c), pd(context.kernels, d);
    const Linear la = ordered(pa.linear(&bias), one), lb = ordered(pb.linear(), other), lc = ordered(pc.linear(), one),
                 ld = pd.linear();
    Ops f(context);
    for (const int64_t n : {1, 3, 29}) {
      const Floats x = random_floats(n * 96, 6), x_one = in_order(x, one), x_other = in_order(x, other);
      const std::vector<Tensor> together = f.linears(view(x, n), {&la, &lb, &lc, &ld});
      EXPECT_EQ(copy(together[0]), copy(f.linear(view(x_one, n), pa.linear(&bias))));
      EXPECT_EQ(copy(together[1]), copy(f.linear(view(x_other, n), pb.linear())));
      EXPECT_EQ(copy(together[2]), copy(f.linear(view(x_one, n), pc.linear())));
      EXPECT_EQ(copy(together[3]), copy(f.linear(view(x, n), ld)));
    }
  });
}

TEST(Linear, WithAnOrderDoesNotDependOnTheBatch) {
  const std::vector<int32_t> order = random_order(96, 1);
  const Weights w(DType::q4_0, 83, 96, 1);
  expect_batch_invariant(random_floats(40 * 96, 2), 40, [&](Context& context, const Tensor& x) {
    const Packed packed(context.kernels, w);
    return Ops(context).linear(x, ordered(packed.linear(), order));
  });
}

TEST(Linear, DoesNotDependOnTheBatch) {
  for (const DType dtype : {DType::f32, DType::f16, DType::q8_0, DType::q4_0, DType::q4_1}) {
    SCOPED_TRACE(name(dtype));
    const Weights w(dtype, 83, 96, 1);
    const Floats bias = random_floats(83, 3);
    expect_batch_invariant(random_floats(40 * 96, 2), 40, [&](Context& context, const Tensor& x) {
      const Packed packed(context.kernels, w);
      return Ops(context).linear(x, packed.linear(&bias));
    });
  }
}

struct Ffn {
  Weights gate, up, down;
  explicit Ffn(DType dtype) : gate(dtype, 96, 64, 1), up(dtype, 96, 64, 2), down(dtype, 70, 96, 3) {}

  std::vector<double> expected(const Floats& x, const Floats& bias, double (*act)(double)) const {
    std::vector<double> g = product(doubles(x), gate, 0, 96);
    const std::vector<double> u = product(doubles(x), up, 0, 96);
    for (size_t i = 0; i < g.size(); ++i) g[i] = act(g[i] + bias[i % 96]) * u[i];
    return product(g, down, 0, 70);
  }
};

TEST(GatedFfn, IsDownOfGatedUp) {
  const Ffn ffn(DType::f32);
  const Floats bias = random_floats(96, 9);
  for (const int n : {1, 5, 150}) {  // 150 are more than go through together
    const Floats x = random_floats(n * 64, 4);
    for_each_context([&](Context& context) {
      const Packed gate(context.kernels, ffn.gate), up(context.kernels, ffn.up), down(context.kernels, ffn.down);
      Ops f(context);
      expect_near(f.gated_ffn(view(x, n), gate.linear(&bias), up.linear(), down.linear(), {Activation::silu}),
                  ffn.expected(x, bias, silu), 1e-5);
      expect_near(f.gated_ffn(view(x, n), gate.linear(&bias), up.linear(), down.linear(), {Activation::gelu}),
                  ffn.expected(x, bias, gelu), 1e-5);
    });
  }
}

TEST(GatedFfn, GathersTheInputsInTheOrdersOfItsColumns) {
  const Ffn ffn(DType::q4_0);
  const std::vector<int32_t> first = random_order(64, 1), second = random_order(64, 2), third = random_order(96, 3);
  for_each_context([&](Context& context) {
    const Packed gate(context.kernels, ffn.gate), up(context.kernels, ffn.up), down(context.kernels, ffn.down);
    Ops f(context);
    for (const int64_t n : {1, 2, 150}) {
      const Floats x = random_floats(n * 64, 4), x_first = in_order(x, first), x_second = in_order(x, second);
      const Floats hidden = copy(f.activate(f.linear(view(x_first, n), gate.linear()),
                                            f.linear(view(x_second, n), up.linear()), {Activation::silu}));
      const Floats expected = copy(f.linear(view(in_order(hidden, third), n), down.linear()));
      EXPECT_EQ(copy(f.gated_ffn(view(x, n), ordered(gate.linear(), first), ordered(up.linear(), second),
                                 ordered(down.linear(), third), {Activation::silu})),
                expected);
    }
  });
}

TEST(GatedFfn, DoesNotDependOnTheBatch) {
  for (const DType dtype : {DType::f16, DType::q8_0}) {
    const Ffn ffn(dtype);
    expect_batch_invariant(random_floats(150 * 64, 2), 150, [&](Context& context, const Tensor& x) {
      const Packed gate(context.kernels, ffn.gate), up(context.kernels, ffn.up), down(context.kernels, ffn.down);
      return Ops(context).gated_ffn(x, gate.linear(), up.linear(), down.linear());
    });
  }
}

TEST(GatedFfn, KeepsNoTemporaries) {
  const Ffn ffn(DType::q8_0);
  const Floats x = random_floats(200 * 64, 2);
  for_each_context([&](Context& context) {
    const Packed gate(context.kernels, ffn.gate), up(context.kernels, ffn.up), down(context.kernels, ffn.down);
    const Tensor out = Ops(context).gated_ffn(view(x, 200), gate.linear(), up.linear(), down.linear());
    const size_t out_bytes = out.shape.elements() * sizeof(float);
    const auto* next = static_cast<std::byte*>(context.arena.allocate(1));
    EXPECT_LT(next - static_cast<std::byte*>(out.data), static_cast<ptrdiff_t>(out_bytes + 64));
  });
}

// Products that only count themselves, and the rows they were asked for.
std::atomic<int> n_products, n_rows;
KernelTable kernels_counting_products() {
  KernelTable counting = find_kernels("scalar");
  counting.matmul = [](const MatmulArgs& args) noexcept {
    ++n_products;
    n_rows += static_cast<int>(args.row_end - args.row_begin);
  };
  return counting;
}

// Once the step is cancelled, a thread finishes the rows that it multiplies, and starts no others.
TEST(Linear, EndsBetweenRowsWhereTheStepIsCancelled) {
  const KernelTable kernels = kernels_counting_products();
  const int n = 64, cols = 4096, rows = 20'000;
  const Floats x = random_floats(n * cols, 1);
  float no_weights = 0;
  const Linear w{.weight = {DType::f32, Layout::packed, {rows, cols}, &no_weights}, .bias = {}};
  for (const int n_threads : {1, 3})
    for (const int last : {1, 4, 1'000'000}) {
      ThreadPool pool(n_threads);
      n_products = n_rows = 0;
      Context context{.pool = pool, .kernels = kernels, .cancelled = [&] { return n_products >= last; }};
      if (last == 1'000'000) {
        Ops(context).linear(view(x, n), w);
        EXPECT_EQ(n_rows, rows);
        EXPECT_GT(n_products, 10);
        continue;
      }
      try {
        Ops(context).linear(view(x, n), w);
        FAIL() << "was not cancelled";
      } catch (const Error& error) {
        EXPECT_EQ(error.code(), Error::Code::cancelled);
      }
      EXPECT_GE(n_products, last);
      EXPECT_LT(n_products, last + n_threads);
    }
}

}  // namespace
}  // namespace loam::test
