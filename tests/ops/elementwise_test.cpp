// Operations on single rows and numbers.
#include <cmath>

#include "tests/ops/ops_support.h"

namespace loam::test {
namespace {

constexpr int kRows = 23;

TEST(Elementwise, RmsNorm) {
  const Floats x = random_floats(kRows * 96, 1), weight = random_floats(96, 2);
  for_each_context([&](Context& context) {
    const Tensor out = Ops(context).rms_norm(view(x, kRows), view(weight, 1), 1e-6f);
    std::vector<double> expected;
    for (int row = 0; row < kRows; ++row) {
      double squares = 0;
      for (int i = 0; i < 96; ++i) squares += std::pow(x[row * 96 + i], 2);
      for (int i = 0; i < 96; ++i) expected.push_back(x[row * 96 + i] / std::sqrt(squares / 96 + 1e-6) * weight[i]);
    }
    expect_near(out, expected, 1e-6);
  });
}

TEST(Elementwise, HeadNormIsARmsNormOfEachHead) {
  const Floats x = random_floats(kRows * 5 * 24, 1), weight = random_floats(24, 2);
  for_each_context([&](Context& context) {
    Ops f(context);
    Floats in_place = x;
    Tensor heads = view(in_place, kRows);
    f.head_norm(heads, view(weight, 1), 1e-6f);
    EXPECT_EQ(in_place, copy(f.rms_norm(view(x, kRows * 5), view(weight, 1), 1e-6f)));
  });
}

// Large enough that the rows are shared among the threads.
TEST(Elementwise, LargeBatchesGiveTheSameBits) {
  const Floats x = random_floats(64 * 1024, 1), weight = random_floats(1024, 2);
  std::vector<int32_t> all_positions;
  for (int i = 0; i < 64; ++i) all_positions.push_back(1000 + i * 37);
  const Rope rope{.n_rotated = 4, .inverse_frequencies = {1, 0.1f}};
  int32_t next_row = 0;
  expect_batch_invariant(x, 64, [&](Context& context, const Tensor& rows) {
    Ops f(context);
    const int64_t n = rows.shape.rows();
    Tensor y = f.rms_norm(rows, view(weight, 1), 1e-5f);
    f.add(y, rows);
    f.scale(y, 1.25f);
    f.softcap(y, 3);
    f.rope(y, 64, std::span(all_positions).subspan(next_row, n), rope);
    next_row = static_cast<int32_t>((next_row + n) % 64);
    return y;
  });
}

TEST(Elementwise, AddScaleSoftcap) {
  const Floats x = random_floats(kRows * 40, 1, 3), y = random_floats(kRows * 40, 2, 3);
  for_each_context([&](Context& context) {
    Floats in_place = x;
    Tensor out = view(in_place, kRows);
    Ops f(context);
    f.add(out, view(y, kRows));
    f.scale(out, 0.7f);
    f.softcap(out, 2);
    std::vector<double> expected;
    for (size_t i = 0; i < x.size(); ++i) expected.push_back(2 * std::tanh(0.7 * (double{x[i]} + y[i]) / 2));
    expect_near(out, expected, 1e-6);
  });
}

TEST(Elementwise, RowsAreCopiedInTheOrderAsked) {
  const Floats x = random_floats(kRows * 8, 1);
  for_each_context([&](Context& context) {
    const Tensor out = Ops(context).rows(view(x, kRows), std::vector<int32_t>{22, 0, 7, 7});
    for (const auto& [to, from] : {std::pair{0, 22}, {1, 0}, {2, 7}, {3, 7}})
      EXPECT_EQ(copy_rows(out, to, to + 1), copy_rows(view(x, kRows), from, from + 1));
    EXPECT_EQ(Ops(context).rows(view(x, kRows), {}).shape.rows(), 0);
  });
}

std::vector<double> rotated(const Floats& x, int64_t n_heads, int head_dim, const std::vector<int32_t>& positions,
                            const Rope& rope) {
  std::vector<double> out(x.begin(), x.end());
  const int half = rope.n_rotated / 2;
  for (size_t row = 0; row < positions.size(); ++row)
    for (int64_t head = 0; head < n_heads; ++head)
      for (int i = 0; i < half; ++i) {
        const int64_t at = (static_cast<int64_t>(row) * n_heads + head) * head_dim;
        const int64_t re = at + (rope.adjacent ? 2 * i : i), im = at + (rope.adjacent ? 2 * i + 1 : i + half);
        const double angle = double{rope.inverse_frequencies[i]} * positions[row];
        const double cos = std::cos(angle) * rope.attention_factor, sin = std::sin(angle) * rope.attention_factor;
        out[re] = x[re] * cos - x[im] * sin;
        out[im] = x[re] * sin + x[im] * cos;
      }
  return out;
}

TEST(Elementwise, RopeInBothLayoutsWholeAndPartial) {
  const int n_heads = 3, head_dim = 20;
  const Floats x = random_floats(kRows * n_heads * head_dim, 1);
  std::vector<int32_t> positions;
  for (int i = 0; i < kRows; ++i) positions.push_back(i * 5003);
  for (const bool adjacent : {true, false})
    for (const int n_rotated : {2, 12, 20}) {
      Rope rope{.n_rotated = n_rotated, .adjacent = adjacent, .inverse_frequencies = {}, .attention_factor = 1.2f};
      for (int i = 0; i < n_rotated / 2; ++i)
        rope.inverse_frequencies.push_back(static_cast<float>(std::pow(10000, -2.0 * i / n_rotated)));
      for_each_context([&](Context& context) {
        Floats in_place = x;
        Tensor out = view(in_place, kRows);
        Ops(context).rope(out, head_dim, positions, rope);
        expect_near(out, rotated(x, n_heads, head_dim, positions, rope), 1e-6);
      });
    }
}

TEST(Elementwise, EmbedReadsPlainAndPackedTables) {
  const std::vector<int32_t> tokens = {0, 30, 4, 4, 36};
  for (const DType dtype : {DType::f32, DType::f16, DType::q8_0}) {
    const Weights table(dtype, 37, 64, 1);
    for_each_context([&](Context& context) {
      const Packed packed(context.kernels, table);
      for (const Tensor& tensor : {table.plain(), packed.tensor}) {
        const Tensor out = Ops(context).embed(tensor, tokens, 2);
        for (size_t i = 0; i < tokens.size(); ++i)
          for (int col = 0; col < 64; ++col)
            ASSERT_EQ(out.row(static_cast<int64_t>(i))[col], 2 * table.values[tokens[i] * 64 + col]) << name(dtype);
      }
    });
  }
}

}  // namespace
}  // namespace loam::test
