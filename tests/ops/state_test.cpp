// The operations of layers with a state against their formulas in double precision, row by row; and that neither cuts,
// companions, threads nor instruction sets change a bit of results and states.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "ops/erasing_recurrence.h"
#include "ops/state_ops.h"
#include "tests/ops/ops_support.h"

namespace loam {
namespace {

using test::Floats;
using test::random_floats;
using test::view;

constexpr int kRows = 29;  // of a sequence

double softplus(double x) { return std::log1p(std::exp(-std::abs(x))) + std::max(x, 0.0); }

Floats magnitudes(int64_t n, uint32_t seed) {
  Floats x = random_floats(n, seed);
  for (float& v : x) v = std::abs(v);
  return x;
}

Floats some_rows(const Floats& x, int first, int n, int64_t cols) {
  return {x.begin() + first * cols, x.begin() + (first + n) * cols};
}

// A state in memory, three slots of which the test uses the last two.
struct States {
  Floats memory;
  StateLayer layer;

  States(int64_t n_convolved, int64_t n_recurrent)
      : memory(static_cast<size_t>(3 * (n_convolved + n_recurrent)), 7.0f),  // what an earlier sequence left
        layer{.data = memory.data(),
              .stride = n_convolved + n_recurrent,
              .n_convolved = n_convolved,
              .n_recurrent = n_recurrent} {}
  Floats of(int slot) const { return {layer.slot(slot), layer.slot(slot) + layer.stride}; }
};

// A batch of [first, first + n) of the sequence in slot 1 and, where `with_other`, before it the whole one in slot 2.
Batch rows_of(int first, int n, bool with_other) {
  Batch batch;
  const auto add = [&](int begin, int count, int slot) {
    batch.spans.push_back({.first_row = batch.n_rows(), .n_rows = count, .state = slot});
    for (int i = begin; i < begin + count; ++i) batch.tokens.push_back(0), batch.positions.push_back(i);
  };
  if (with_other) add(0, kRows, 2);
  add(first, n, 1);
  return batch;
}

// op(context, batch, states, rows): `rows` picks the batch's rows of a sequence's inputs. Compared with `expected`.
using Op = std::function<Tensor(Context&, const Batch&, const States&, const std::function<Floats(const Floats&)>&)>;

void expect_as(const std::vector<double>& expected, int64_t n_convolved, int64_t n_recurrent, const Op& op) {
  const int64_t cols = std::ssize(expected) / kRows;
  Floats first, first_state;
  test::for_each_context([&](Context& context) {
    for (const bool with_other : {false, true})
      for (const int chunk : {kRows, 1, 7}) {
        SCOPED_TRACE(testing::Message() << "chunks of " << chunk << (with_other ? " beside another" : ""));
        States states(n_convolved, n_recurrent);
        Floats out;
        for (int at = 0; at < kRows; at += chunk) {
          const int n = std::min(chunk, kRows - at);
          const Batch batch = rows_of(at, n, with_other);
          const auto pick = [&](const Floats& x) {
            const int64_t width = std::ssize(x) / kRows;
            Floats part = with_other ? x : Floats();
            const Floats own = some_rows(x, at, n, width);
            part.insert(part.end(), own.begin(), own.end());
            return part;
          };
          const Tensor result = op(context, batch, states, pick);
          ASSERT_EQ(result.shape.cols(), cols);
          out.insert(out.end(), result.row(batch.n_rows() - n), result.row(batch.n_rows()));
          context.arena.reset();
        }
        for (size_t i = 0; i < out.size(); ++i)
          ASSERT_NEAR(out[i], expected[i], 2e-5 * (1 + std::abs(expected[i]))) << "element " << i;
        if (with_other) {
          ASSERT_EQ(states.of(1), states.of(2)) << "equal sequences have equal states";
        }
        if (first.empty()) first = out, first_state = states.of(1);
        ASSERT_EQ(out, first);
        ASSERT_EQ(states.of(1), first_state);
        ASSERT_EQ(states.of(0), Floats(states.of(0).size(), 7.0f)) << "another sequence's slot";
      }
  });
}

TEST(State, ConvolutionLooksBackToRowsOfEarlierBatches) {
  constexpr int kChannels = 45, kKernel = 4, kFirst = 10, kAll = 64;
  const Floats x = random_floats(kRows * kChannels, 1), weight = random_floats(kKernel * kChannels, 2),
               bias = random_floats(kChannels, 3);
  for (const bool silu : {true, false}) {
    std::vector<double> expected;
    for (int row = 0; row < kRows; ++row)
      for (int c = 0; c < kChannels; ++c) {
        double sum = bias[c];
        for (int k = 0; k < kKernel; ++k)
          if (const int at = row - kKernel + 1 + k; at >= 0)
            sum += double{weight[k * kChannels + c]} * x[at * kChannels + c];
        expected.push_back(silu ? test::silu(sum) : sum);
      }
    expect_as(expected, (kKernel - 1) * kChannels, 0,
              [&](Context& context, const Batch& batch, const States& s, auto rows) {
                const Floats in = rows(x);
                const Convolution w{.weight = view(weight, kKernel), .bias = view(bias, 1), .silu = silu};
                return StateOps(context, batch).convolve(view(in, batch.n_rows()), w, s.layer);
              });
  }
  // Some channels of a wider state: the others stay as they are.
  test::for_each_context([&](Context& context) {
    States s((kKernel - 1) * kAll, 0);
    const Batch batch = rows_of(0, kRows, false);
    const Convolution w{.weight = view(weight, kKernel), .bias = {}};
    StateOps(context, batch).convolve(view(x, kRows), w, s.layer, kFirst);
    for (int k = 0; k < kKernel - 1; ++k)
      for (int c = 0; c < kAll; ++c) {
        const bool own = c >= kFirst && c < kFirst + kChannels;
        ASSERT_EQ(s.layer.slot(1)[k * kAll + c], own ? x[(kRows - kKernel + 1 + k) * kChannels + c - kFirst] : 7.0f);
      }
  });
}

TEST(State, Scan) {
  constexpr int kChannels = 37, kStates = 16;
  const Floats x = random_floats(kRows * kChannels, 1), step = random_floats(kRows * kChannels, 2, 3),
               b = random_floats(kRows * kStates, 3), c = random_floats(kRows * kStates, 4),
               skip = random_floats(kChannels, 5);
  Floats rate = magnitudes(kStates * kChannels, 6);
  for (float& r : rate) r = -r;
  std::vector<double> h(kStates * kChannels), expected;
  for (int row = 0; row < kRows; ++row)
    for (int ch = 0; ch < kChannels; ++ch) {
      const double u = x[row * kChannels + ch], dt = softplus(step[row * kChannels + ch]);
      double sum = skip[ch] * u;
      for (int n = 0; n < kStates; ++n) {
        double& state = h[n * kChannels + ch];
        state = std::exp(dt * rate[n * kChannels + ch]) * state + dt * u * b[row * kStates + n];
        sum += state * c[row * kStates + n];
      }
      expected.push_back(sum);
    }
  expect_as(expected, 0, kStates * kChannels, [&](Context& context, const Batch& batch, const States& s, auto rows) {
    const Floats in = rows(x), steps = rows(step), bs = rows(b), cs = rows(c);
    const int n = batch.n_rows();
    return StateOps(context, batch)
        .scan({.x = view(in, n),
               .step = view(steps, n),
               .b = view(bs, n),
               .c = view(cs, n),
               .rate = view(rate, kStates),
               .skip = view(skip, 1)},
              s.layer);
  });
}

struct Shape3 {
  int n_heads, n_key_heads, n_keys, n_values;
};

void check_recurrence(const Shape3& d, bool delta, bool decay_of_key, bool interleaved) {
  SCOPED_TRACE(testing::Message() << d.n_values << " values, delta " << delta << ", of keys " << decay_of_key);
  const int n_decays = d.n_heads * (decay_of_key ? d.n_keys : 1);
  const Floats q = random_floats(kRows * d.n_key_heads * d.n_keys, 1, 0.3f),
               v = random_floats(kRows * d.n_heads * d.n_values, 3);
  const Floats k = random_floats(kRows * d.n_key_heads * d.n_keys, 2, 0.2f), skip = random_floats(d.n_heads, 6);
  Floats decay = magnitudes(kRows * n_decays, 4), write = magnitudes(kRows * d.n_heads, 5);
  for (float& x : decay) x = std::exp(-x);
  for (float& x : write) x = x / (1 + x);
  std::vector<double> s(static_cast<size_t>(d.n_heads * d.n_keys * d.n_values)), expected;
  for (int row = 0; row < kRows; ++row)
    for (int head = 0; head < d.n_heads; ++head) {
      const int key_head = interleaved ? head % d.n_key_heads : head / (d.n_heads / d.n_key_heads);
      const auto at = [&](const Floats& x, int key) {
        return double{x[(row * d.n_key_heads + key_head) * d.n_keys + key]};
      };
      for (int value = 0; value < d.n_values; ++value) {
        const double own = v[(row * d.n_heads + head) * d.n_values + value];
        const auto state = [&](int key) -> double& { return s[(head * d.n_keys + key) * d.n_values + value]; };
        double u = own, sum = skip[head] * own;
        for (int key = 0; key < d.n_keys; ++key) {
          state(key) *= decay[row * n_decays + (decay_of_key ? head * d.n_keys + key : head)];
          if (delta) u -= state(key) * at(k, key);
        }
        u *= write[row * d.n_heads + head];
        for (int key = 0; key < d.n_keys; ++key) {
          state(key) += at(k, key) * u;
          sum += state(key) * at(q, key);
        }
        expected.push_back(sum);
      }
    }
  expect_as(expected, 5, std::ssize(s), [&](Context& context, const Batch& batch, const States& states, auto rows) {
    const Floats qs = rows(q), ks = rows(k), vs = rows(v), ds = rows(decay), ws = rows(write);
    const int n = batch.n_rows();
    return StateOps(context, batch)
        .recur({.n_heads = d.n_heads,
                .n_key_heads = d.n_key_heads,
                .interleaved = interleaved,
                .delta = delta,
                .q = view(qs, n),
                .k = view(ks, n),
                .v = view(vs, n),
                .decay = view(ds, n),
                .write = view(ws, n),
                .skip = view(skip, 1)},
               states.layer);
  });
}

TEST(State, LinearAttentionWithDecay) {
  check_recurrence({.n_heads = 4, .n_key_heads = 2, .n_keys = 24, .n_values = 64}, false, false, false);
  check_recurrence({.n_heads = 2, .n_key_heads = 1, .n_keys = 16, .n_values = 77}, false, true, false);
}

TEST(State, GatedDeltaRule) {
  check_recurrence({.n_heads = 4, .n_key_heads = 2, .n_keys = 32, .n_values = 64}, true, false, true);
  check_recurrence({.n_heads = 2, .n_key_heads = 2, .n_keys = 20, .n_values = 45}, true, true, false);
}

TEST(State, ErasesByOneKeyAndWritesByAnother) {
  constexpr int kHeads = 3, kDim = 40, kCols = kHeads * kDim;
  const auto inputs = [](uint32_t seed, float size) { return random_floats(kRows * kCols, seed, size); };
  const Floats q = inputs(1, 0.3f), k = inputs(2, 0.3f), v = inputs(3, 1), found = inputs(5, 0.2f),
               erased = inputs(6, 0.2f);
  Floats decay = magnitudes(kRows * kCols, 4);
  for (float& x : decay) x = std::exp(-x);
  std::vector<double> s(kCols * kDim), expected;
  for (int row = 0; row < kRows; ++row)
    for (int head = 0; head < kHeads; ++head)
      for (int value = 0; value < kDim; ++value) {
        const auto at = [&](const Floats& x, int i) { return double{x[row * kCols + head * kDim + i]}; };
        const auto state = [&](int key) -> double& { return s[(head * kDim + key) * kDim + value]; };
        double lost = 0, sum = 0;
        for (int key = 0; key < kDim; ++key) lost += at(found, key) * state(key);
        for (int key = 0; key < kDim; ++key) {
          state(key) = at(decay, key) * state(key) - at(erased, key) * lost + at(k, key) * at(v, value);
          sum += at(q, key) * state(key);
        }
        expected.push_back(sum);
      }
  expect_as(expected, 5, std::ssize(s), [&](Context& context, const Batch& batch, const States& states, auto rows) {
    const Floats qs = rows(q), ks = rows(k), vs = rows(v), ds = rows(decay), fs = rows(found), es = rows(erased);
    const int n = batch.n_rows();
    return recur_and_erase(context, batch,
                           {.n_heads = kHeads,
                            .q = view(qs, n),
                            .k = view(ks, n),
                            .v = view(vs, n),
                            .decay = view(ds, n),
                            .found = view(fs, n),
                            .erased = view(es, n)},
                           states.layer);
  });
}

TEST(State, StepsAndDecays) {
  constexpr int kCols = 40;
  const Floats x = random_floats(kRows * kCols, 1, 8), bias = random_floats(kCols, 3), rate = {-0.5f, -2.0f};
  const Batch batch = rows_of(0, kRows, false);
  test::for_each_context([&](Context& context) {
    const StateOps::Decay d = StateOps(context, batch).decay(view(x, kRows), view(bias, 1), view(rate, 1));
    for (int row = 0; row < kRows; ++row)
      for (int col = 0; col < kCols; ++col) {
        const double step = softplus(double{x[row * kCols + col]} + bias[col]);
        ASSERT_NEAR(d.step.row(row)[col], step, 1e-6 * (1 + step));
        ASSERT_NEAR(d.decay.row(row)[col], std::exp(rate[col / 20] * step), 1e-6);
      }
    context.arena.reset();
  });
}

TEST(State, BoundedAndSteepDecays) {
  constexpr int kCols = 40;
  const Floats x = random_floats(kRows * kCols, 1, 3), bias = random_floats(kCols, 3), rate = {-0.5f, -2.0f};
  const Batch batch = rows_of(0, kRows, false);
  test::for_each_context([&](Context& context) {
    StateOps s(context, batch);
    const Tensor bounded = s.bounded_decay(view(x, kRows), view(bias, 1), view(rate, 1), -1, -5);
    const Tensor steep = s.steep_decay(view(x, kRows), view(bias, 1));
    for (int row = 0; row < kRows; ++row)
      for (int col = 0; col < kCols; ++col) {
        const double input = double{x[row * kCols + col]} + bias[col];
        ASSERT_NEAR(bounded.row(row)[col], std::exp(-5 / (1 + std::exp(rate[col / 20] * input))), 1e-6);
        ASSERT_NEAR(steep.row(row)[col], std::exp(-std::exp(input)), 1e-6);
      }
    context.arena.reset();
  });
}

// Far out, where e^x has no float.
TEST(State, DecaysAtTheEdges) {
  const Floats x = {0, -200, 200, 30}, bias(4), rate(4, -1.0f);
  const Batch batch{.tokens = {0}, .positions = {0}, .spans = {{.first_row = 0, .n_rows = 1}}, .logit_rows = {}};
  test::for_each_context([&](Context& context) {
    const StateOps::Decay d = StateOps(context, batch).decay(view(x, 1), view(bias, 1), view(rate, 1));
    ASSERT_NEAR(d.step.f32()[0], std::log(2.0), 1e-7);
    ASSERT_EQ(d.step.f32()[1], 0);
    ASSERT_EQ(d.decay.f32()[1], 1);
    ASSERT_EQ(d.step.f32()[2], 200);
    ASSERT_EQ(d.decay.f32()[2], 0);
    ASSERT_NEAR(d.step.f32()[3], 30, 1e-5);
    context.arena.reset();
  });
}

}  // namespace
}  // namespace loam
