// What Context::on_product is told, against what the operations multiply by their definition.
#include <cmath>
#include <map>
#include <mutex>

#include "tests/ops/ops_support.h"

namespace loam::test {
namespace {

std::vector<double> in_double(const Floats& x) { return {x.begin(), x.end()}; }

// Rows that went into one matrix, and the sums of each column's squares.
struct Inputs {
  int64_t n_rows = 0;
  std::vector<double> squares;

  void add(const double* row, int64_t cols) {
    ++n_rows;
    squares.resize(static_cast<size_t>(cols));
    for (int64_t i = 0; i < cols; ++i) squares[static_cast<size_t>(i)] += row[i] * row[i];
  }
};

Inputs inputs_of(const std::vector<double>& x, int64_t cols) {
  Inputs inputs;
  for (size_t at = 0; at < x.size(); at += static_cast<size_t>(cols)) inputs.add(x.data() + at, cols);
  return inputs;
}

// Collects what a context's products are told while it lives.
class Watch {
 public:
  explicit Watch(Context& context) : context_(context) {
    context.on_product = [this](const ProductInput& input) {
      const std::lock_guard lock(mutex_);
      for (int64_t row = 0; row < input.n_rows; ++row) {
        const float* x = input.x + row * input.stride;
        told_[input.matrix].add(std::vector<double>(x, x + input.cols).data(), input.cols);
      }
    };
  }
  ~Watch() { context_.on_product = {}; }

  size_t n_matrices() const { return told_.size(); }
  void expect(const void* matrix, const Inputs& expected) const {
    const auto found = told_.find(matrix);
    ASSERT_EQ(found != told_.end(), expected.n_rows > 0);
    if (expected.n_rows == 0) return;
    EXPECT_EQ(found->second.n_rows, expected.n_rows);
    ASSERT_EQ(found->second.squares.size(), expected.squares.size());
    for (size_t i = 0; i < expected.squares.size(); ++i)
      ASSERT_NEAR(found->second.squares[i], expected.squares[i], 1e-4 * (1 + expected.squares[i])) << "column " << i;
  }

 private:
  Context& context_;
  std::mutex mutex_;
  std::map<const void*, Inputs> told_;
};

const void* matrix_at(const Packed& packed, int64_t i, int64_t n_matrices) {
  return packed.memory.data() + static_cast<size_t>(i) * (packed.memory.size() / static_cast<size_t>(n_matrices));
}

TEST(OnProduct, TellsEachLinearItsInputOnce) {
  const Weights a(DType::q8_0, 70, 64, 1), b(DType::f16, 33, 64, 2);
  for (const int n : {1, 45}) {
    const Floats x = random_floats(n * 64, 4);
    for_each_context([&](Context& context) {
      const Packed pa(context.kernels, a), pb(context.kernels, b);
      const Linear la = pa.linear(), lb = pb.linear();
      const Watch watch(context);
      Ops(context).linears(view(x, n), {&la, &lb});
      EXPECT_EQ(watch.n_matrices(), 2u);
      watch.expect(pa.memory.data(), inputs_of(in_double(x), 64));
      watch.expect(pb.memory.data(), inputs_of(in_double(x), 64));
    });
  }
}

TEST(OnProduct, TellsEachHeadItsPart) {
  const int n = 5, n_heads = 3, head_dim = 40, first = 8;
  const Weights w(DType::f32, 16, 32, 1, n_heads);
  const Floats x = random_floats(n * n_heads * head_dim, 2);
  for_each_context([&](Context& context) {
    const Packed packed(context.kernels, w);
    const Watch watch(context);
    Ops(context).head_linear(view(x, n), packed.tensor, first);
    for (int head = 0; head < n_heads; ++head) {
      Inputs expected;
      for (int row = 0; row < n; ++row)
        expected.add(in_double(x).data() + (row * n_heads + head) * head_dim + first, 32);
      watch.expect(matrix_at(packed, head, n_heads), expected);
    }
  });
}

TEST(OnProduct, TellsBothHalvesOfAFeedForwardLayer) {
  const Weights gate(DType::f32, 96, 64, 1), up(DType::f32, 96, 64, 2), down(DType::f32, 64, 96, 3);
  const int n = 150;  // more than go through together
  const Floats x = random_floats(n * 64, 4);
  std::vector<double> hidden = product(in_double(x), gate, 0, 96);
  const std::vector<double> raised = product(in_double(x), up, 0, 96);
  for (size_t i = 0; i < hidden.size(); ++i) hidden[i] = silu(hidden[i]) * raised[i];
  for_each_context([&](Context& context) {
    const Packed pg(context.kernels, gate), pu(context.kernels, up), pd(context.kernels, down);
    const Watch watch(context);
    Ops(context).gated_ffn(view(x, n), pg.linear(), pu.linear(), pd.linear());
    watch.expect(pg.memory.data(), inputs_of(in_double(x), 64));
    watch.expect(pu.memory.data(), inputs_of(in_double(x), 64));
    watch.expect(pd.memory.data(), inputs_of(hidden, 96));
  });
}

// ---- experts ----

constexpr int kTokenDim = 64, kHiddenDim = 96, kManyExperts = 8;

// What the matrices of one expert multiply.
struct ExpertInputs {
  Inputs up, down;
};

// Few tokens go through the experts one by one, more of them in groups.
void check_experts(int n, bool weigh_input) {
  const Weights router(DType::f32, kManyExperts, kTokenDim, 1),
      gate(DType::f32, kHiddenDim, kTokenDim, 2, kManyExperts), up(DType::f32, kHiddenDim, kTokenDim, 3, kManyExperts),
      down(DType::f32, kTokenDim, kHiddenDim, 4, kManyExperts);
  const Floats x = random_floats(n * kTokenDim, 5);
  for_each_context([&](Context& context) {
    const Packed pr(context.kernels, router), pg(context.kernels, gate), pu(context.kernels, up),
        pd(context.kernels, down);
    std::vector<ExpertInputs> expected(kManyExperts);
    context.routers.on_route = [&](int, int64_t row, std::span<const ExpertChoice> choices) {
      for (const ExpertChoice& choice : choices) {
        std::vector<double> in(x.begin() + row * kTokenDim, x.begin() + (row + 1) * kTokenDim);
        if (weigh_input)
          for (double& value : in) value *= choice.weight;
        std::vector<double> hidden = product(in, gate, choice.expert * kHiddenDim, kHiddenDim);
        const std::vector<double> raised = product(in, up, choice.expert * kHiddenDim, kHiddenDim);
        for (size_t i = 0; i < hidden.size(); ++i) hidden[i] = silu(hidden[i]) * raised[i];
        ExpertInputs& own = expected[static_cast<size_t>(choice.expert)];
        own.up.add(in.data(), kTokenDim);
        own.down.add(hidden.data(), kHiddenDim);
      }
    };
    const Watch watch(context);
    Ops(context).moe(view(x, n), {pr.tensor, pg.tensor, pu.tensor, pd.tensor},
                     {.n_used = 2, .weigh_input = weigh_input});
    watch.expect(pr.memory.data(), inputs_of(in_double(x), kTokenDim));
    for (int i = 0; i < kManyExperts; ++i) {
      watch.expect(matrix_at(pg, i, kManyExperts), expected[static_cast<size_t>(i)].up);
      watch.expect(matrix_at(pu, i, kManyExperts), expected[static_cast<size_t>(i)].up);
      watch.expect(matrix_at(pd, i, kManyExperts), expected[static_cast<size_t>(i)].down);
    }
  });
}

TEST(OnProduct, TellsTheExpertsOfFewTokens) { check_experts(3, false); }
TEST(OnProduct, TellsTheExpertsOfManyTokens) { check_experts(33, false); }
TEST(OnProduct, TellsInputsWithTheirWeights) {
  check_experts(3, true);
  check_experts(33, true);
}

}  // namespace
}  // namespace loam::test
