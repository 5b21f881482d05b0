// What only encoders do: attention among all rows of a text, norms behind a sum, and means, against their definitions.
#include <algorithm>
#include <climits>
#include <cmath>
#include <cstdlib>

#include "ops/biased_attention.h"
#include "tests/ops/ops_support.h"

namespace loam::test {
namespace {

std::vector<BatchSpan> spans_of(const std::vector<int>& lengths) {
  std::vector<BatchSpan> spans;
  int row = 0;
  for (const int n : lengths) {
    spans.push_back({.first_row = row, .n_rows = n});
    row += n;
  }
  return spans;
}

// softmax(scale · q·kᵀ)·v of one row and head, in double precision.
std::vector<double> attended(const Tensor& q, const Tensor& k, const Tensor& v, const BatchSpan& span, int row,
                             int64_t column, int head_dim, double scale) {
  std::vector<double> weights, out(static_cast<size_t>(head_dim));
  double sum = 0;
  for (int other = span.first_row; other < span.first_row + span.n_rows; ++other) {
    double score = 0;
    for (int i = 0; i < head_dim; ++i) score += double{q.row(row)[column + i]} * k.row(other)[column + i];
    sum += weights.emplace_back(std::exp(scale * score));
  }
  for (int j = 0; j < span.n_rows; ++j)
    for (int i = 0; i < head_dim; ++i)
      out[static_cast<size_t>(i)] += weights[static_cast<size_t>(j)] / sum * v.row(span.first_row + j)[column + i];
  return out;
}

TEST(EncoderAttention, EachRowSeesItsWholeTextAndNoOther) {
  for_each_context([](Context& context) {
    for (const int head_dim : {32, 40}) {
      const std::vector<BatchSpan> spans = spans_of({1, 33, 2, 70, 520});
      const int64_t n_rows = 626, dim = 2 * head_dim;
      const Floats a = random_floats(n_rows * dim, 1), b = random_floats(n_rows * dim, 2),
                   c = random_floats(n_rows * dim, 3);
      const Tensor q = view(a, n_rows), k = view(b, n_rows), v = view(c, n_rows);
      const float scale = 1 / std::sqrt(static_cast<float>(head_dim));
      const Tensor out = Ops(context).attention_within(q, k, v, head_dim, spans, scale);
      for (const BatchSpan& span : spans)
        for (int row = span.first_row; row < span.first_row + span.n_rows; row += 13)
          for (int head = 0; head < 2; ++head) {
            const int64_t column = int64_t{head} * head_dim;
            const std::vector<double> expected = attended(q, k, v, span, row, column, head_dim, scale);
            for (int i = 0; i < head_dim; ++i)
              ASSERT_NEAR(out.row(row)[column + i], expected[static_cast<size_t>(i)], 2e-6) << row << " " << i;
          }
    }
  });
}

TEST(EncoderAttention, ATextHasTheSameBitsAloneAndInCompany) {
  for_each_context([](Context& context) {
    const Floats a = random_floats(100 * 64, 1), b = random_floats(100 * 64, 2), c = random_floats(100 * 64, 3);
    const std::vector<BatchSpan> spans = spans_of({40, 60});
    const Floats all = copy(Ops(context).attention_within(view(a, 100), view(b, 100), view(c, 100), 32, spans, 0.2f));
    const auto second = [](const Floats& x) { return Floats(x.begin() + 40 * 64, x.end()); };
    const Floats q = second(a), k = second(b), v = second(c);
    const std::vector<BatchSpan> alone = spans_of({60});
    EXPECT_EQ(copy(Ops(context).attention_within(view(q, 60), view(k, 60), view(v, 60), 32, alone, 0.2f)), second(all));
  });
}

// The same with a window to each side, and ALiBi's slope.
std::vector<double> attended_near(const Tensor& q, const Tensor& k, const Tensor& v, const BatchSpan& span, int row,
                                  int64_t column, int head_dim, double scale, int window, double slope) {
  std::vector<double> out(static_cast<size_t>(head_dim));
  double sum = 0;
  for (int other = span.first_row; other < span.first_row + span.n_rows; ++other) {
    const int distance = std::abs(other - row);
    if (window > 0 && distance > window) continue;
    double score = 0;
    for (int i = 0; i < head_dim; ++i) score += double{q.row(row)[column + i]} * k.row(other)[column + i];
    const double weight = std::exp(scale * score - slope * distance);
    sum += weight;
    for (int i = 0; i < head_dim; ++i) out[static_cast<size_t>(i)] += weight * v.row(other)[column + i];
  }
  for (double& x : out) x /= sum;
  return out;
}

TEST(EncoderAttention, DistanceCountsInBothDirections) {
  for_each_context([](Context& context) {
    constexpr int kHeadDim = 20;
    const std::vector<BatchSpan> spans = spans_of({1, 33, 70, 1100});
    constexpr int kRows = 1204;
    const Floats a = random_floats(kRows * 2 * kHeadDim, 1), b = random_floats(kRows * 2 * kHeadDim, 2),
                 c = random_floats(kRows * 2 * kHeadDim, 3);
    const Tensor q = view(a, kRows), k = view(b, kRows), v = view(c, kRows);
    const std::vector<float> slopes = {0.5f, 0.125f};
    for (const Nearness& nearness :
         {Nearness{.window = 7}, Nearness{.slopes = slopes}, Nearness{.window = 16, .slopes = slopes},
          Nearness{.window = 600}, Nearness{.window = INT_MAX}}) {
      const Tensor out = Ops(context).attention_within(q, k, v, kHeadDim, spans, 0.3f, nearness);
      for (const BatchSpan& span : spans)
        for (int row = span.first_row; row < span.first_row + span.n_rows; row += 1 + span.n_rows / 20)
          for (int head = 0; head < 2; ++head) {
            const double slope = nearness.slopes.empty() ? 0 : nearness.slopes[static_cast<size_t>(head)];
            const auto expected =
                attended_near(q, k, v, span, row, int64_t{head} * kHeadDim, kHeadDim, 0.3, nearness.window, slope);
            for (int i = 0; i < kHeadDim; ++i)
              ASSERT_NEAR(out.row(row)[head * kHeadDim + i], expected[static_cast<size_t>(i)], 2e-6) << row << " " << i;
          }
    }
  });
}

// Keys that are no numbers are as good as any where no query sees them.
TEST(EncoderAttention, KeysOutsideTheWindowAreNotRead) {
  for_each_context([](Context& context) {
    constexpr int kRows = 1200, kWindow = 20;
    const Floats a = random_floats(kRows * 32, 1);
    Floats b = random_floats(kRows * 32, 2), c = random_floats(kRows * 32, 3);
    const std::vector<BatchSpan> spans = spans_of({kRows});
    const auto near = [&] {
      return copy(Ops(context).attention_within(view(a, kRows), view(b, kRows), view(c, kRows), 32, spans, 0.2f,
                                                {.window = kWindow}));
    };
    const Floats whole = near();
    for (Floats* x : {&b, &c}) std::fill(x->begin() + 700 * 32, x->end(), NAN);
    const Floats part = near();
    for (int row = 0; row < 704 - kPageTokens - kWindow; ++row)  // whole pages and groups of queries are shared
      for (int i = 0; i < 32; ++i) ASSERT_EQ(part[row * 32 + i], whole[row * 32 + i]) << row;
  });
}

// Beyond the reach of the biases the last one counts.
TEST(BiasedAttention, EveryOffsetHasItsBias) {
  for_each_context([](Context& context) {
    constexpr int kHeadDim = 20, kReach = 9, kOffsets = 2 * kReach + 1;
    const std::vector<BatchSpan> spans = spans_of({1, 33, 14});
    const Floats a = random_floats(48 * 2 * kHeadDim, 1), b = random_floats(48 * 2 * kHeadDim, 2),
                 c = random_floats(48 * 2 * kHeadDim, 3), biases = random_floats(2 * kOffsets, 4);
    const Tensor q = view(a, 48), k = view(b, 48), v = view(c, 48);
    Ops f(context);
    const Tensor out = attention_biased(f, q, k, v, kHeadDim, spans, 1, biases);
    for (const BatchSpan& span : spans)
      for (int row = span.first_row; row < span.first_row + span.n_rows; ++row)
        for (int head = 0; head < 2; ++head) {
          std::vector<double> expected(kHeadDim);
          double sum = 0;
          for (int other = span.first_row; other < span.first_row + span.n_rows; ++other) {
            double score =
                biases[static_cast<size_t>(head * kOffsets + kReach + std::clamp(other - row, -kReach, kReach))];
            for (int i = 0; i < kHeadDim; ++i)
              score += double{q.row(row)[head * kHeadDim + i]} * k.row(other)[head * kHeadDim + i];
            sum += std::exp(score);
            for (int i = 0; i < kHeadDim; ++i)
              expected[static_cast<size_t>(i)] += std::exp(score) * v.row(other)[head * kHeadDim + i];
          }
          for (int i = 0; i < kHeadDim; ++i)
            ASSERT_NEAR(out.row(row)[head * kHeadDim + i], expected[static_cast<size_t>(i)] / sum, 2e-6) << row;
        }
  });
}

TEST(EncoderRows, NormOfASumAndMeans) {
  for_each_context([](Context& context) {
    Floats a = random_floats(5 * 48, 1);
    const Floats before = a, b = random_floats(5 * 48, 2), weight = random_floats(48, 3), bias = random_floats(48, 4);
    Tensor x = view(a, 5);
    Ops f(context);
    f.add_layer_norm(x, view(b, 5), view(weight, 1), view(bias, 1), 1e-6f);
    for (int row = 0; row < 5; ++row) {
      double mean = 0, squares = 0;
      const auto sum = [&](int i) { return double{before[row * 48 + i]} + b[row * 48 + i]; };
      for (int i = 0; i < 48; ++i) mean += sum(i) / 48;
      for (int i = 0; i < 48; ++i) squares += (sum(i) - mean) * (sum(i) - mean);
      for (int i = 0; i < 48; ++i)
        ASSERT_NEAR(x.row(row)[i], (sum(i) - mean) / std::sqrt(squares / 48 + 1e-6) * weight[i] + bias[i], 1e-5);
    }
    const std::vector<BatchSpan> spans = spans_of({2, 3});
    const Tensor means = f.mean_rows(x, spans);
    for (int i = 0; i < 48; ++i) {
      EXPECT_NEAR(means.row(0)[i], (x.row(0)[i] + x.row(1)[i]) / 2, 1e-6);
      EXPECT_NEAR(means.row(1)[i], (x.row(2)[i] + x.row(3)[i] + x.row(4)[i]) / 3, 1e-6);
    }
  });
}

TEST(GeluFfn, IsItsDefinitionForAnyNumberOfTokens) {
  for_each_context([](Context& context) {
    const Weights up(DType::f32, 64, 32, 1), down(DType::f32, 32, 64, 2);
    const Packed packed_up(context.kernels, up), packed_down(context.kernels, down);
    const Floats up_bias = random_floats(64, 3), down_bias = random_floats(32, 4);
    for (const int n_tokens : {1, 5, 200}) {
      const Floats x = random_floats(int64_t{n_tokens} * 32, 5);
      const Tensor out = Ops(context).plain_ffn(view(x, n_tokens), {packed_up.tensor, view(up_bias, 1)},
                                                {packed_down.tensor, view(down_bias, 1)}, {Activation::gelu_erf});
      for (int token = 0; token < n_tokens; token += 7) {
        std::vector<double> hidden(64);
        for (int r = 0; r < 64; ++r) {
          double sum = up_bias[static_cast<size_t>(r)];
          for (int k = 0; k < 32; ++k) sum += up.at(r, k) * x[static_cast<size_t>(token * 32 + k)];
          hidden[static_cast<size_t>(r)] = 0.5 * sum * std::erfc(-sum / std::sqrt(2.0));
        }
        for (int r = 0; r < 32; ++r) {
          double sum = down_bias[static_cast<size_t>(r)];
          for (int k = 0; k < 64; ++k) sum += down.at(r, k) * hidden[static_cast<size_t>(k)];
          ASSERT_NEAR(out.row(token)[r], sum, 1e-4);
        }
      }
    }
  });
}

}  // namespace
}  // namespace loam::test
