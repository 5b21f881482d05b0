#include "ops/state_ops.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "kernels/recurrence.h"

namespace loam {
namespace {

// Neighbours that are a piece of work: enough to make up for taking it, few enough that their part of the state stays
// in a core's first cache.
constexpr int64_t kConvolvedTogether = 1024, kScannedTogether = 256, kValuesTogether = 64;

// The head of keys that a head of values reads.
int64_t key_head(const Recurrence& r, int64_t head) {
  return r.interleaved ? head % r.n_key_heads : head / (r.n_heads / r.n_key_heads);
}

}  // namespace

Columns::Columns(const Tensor& x, int64_t begin, int64_t count)
    : first(x.f32() + begin), stride(x.shape.cols()), n_rows(x.shape.rows()), n(count) {
  LOAM_CHECK(begin >= 0 && count >= 0 && begin + count <= stride);
}

Tensor StateOps::make(int64_t rows, int64_t cols) {
  context_.check_cancelled();
  return {.shape = {rows, cols}, .data = context_.arena.allocate(static_cast<size_t>(rows * cols) * sizeof(float))};
}

template <class F>
void StateOps::for_rows(int64_t n_rows, const F& body) {
  if (n_rows == 1) return body(0);
  context_.pool.run([&](int thread) {
    const auto [begin, end] = ThreadPool::split(n_rows, 1, thread, context_.pool.size());
    for (int64_t row = begin; row < end; ++row) body(row);
  });
}

// body(span, begin, end) for every span and pieces of [0, n).
template <class F>
void StateOps::for_pieces(int64_t n, int64_t together, const F& body) {
  const int64_t n_pieces = (n + together - 1) / together;
  WorkQueue queue(context_, n_pieces * std::ssize(batch_.spans));
  context_.pool.run([&](int) {
    while (const auto piece = queue.take()) {
      const int64_t begin = *piece % n_pieces * together;
      body(batch_.spans[static_cast<size_t>(*piece / n_pieces)], begin, std::min(n, begin + together));
    }
  });
  context_.check_cancelled();
}

Tensor StateOps::convolve(const Columns& x, const Convolution& w, const StateLayer& state, int64_t first_channel) {
  const int64_t kernel = w.weight.shape.rows(), all_channels = state.n_convolved / (kernel - 1);
  LOAM_CHECK(w.weight.shape.cols() == x.n && first_channel + x.n <= all_channels);
  Tensor out = make(x.n_rows, x.n);
  for_pieces(x.n, kConvolvedTogether, [&](const BatchSpan& span, int64_t begin, int64_t end) {
    float* before = state.slot(span.state) + first_channel + begin;
    for (int64_t k = 0; begins(span) && k < kernel - 1; ++k) std::fill_n(before + k * all_channels, end - begin, 0.0f);
    context_.kernels.convolve({.x = x.row(span.first_row) + begin,
                               .x_stride = x.stride,
                               .n_rows = span.n_rows,
                               .n_channels = end - begin,
                               .kernel = static_cast<int>(kernel),
                               .weight = w.weight.f32() + begin,
                               .weight_stride = x.n,
                               .bias = w.bias ? w.bias.f32() + begin : nullptr,
                               .silu = w.silu,
                               .state = before,
                               .state_stride = all_channels,
                               .out = out.row(span.first_row) + begin,
                               .out_stride = x.n});
  });
  return out;
}

Tensor StateOps::scan(const Scan& s, const StateLayer& state) {
  const int64_t n_states = s.rate.shape.rows(), n_channels = s.x.n;
  LOAM_CHECK(s.rate.shape.cols() == n_channels && s.step.n == n_channels && s.skip.shape.cols() == n_channels);
  LOAM_CHECK(s.b.n == n_states && s.c.n == n_states && s.b.stride == s.c.stride);
  LOAM_CHECK(state.n_recurrent == n_states * n_channels);
  Tensor out = make(s.x.n_rows, n_channels);
  for_pieces(n_channels, kScannedTogether, [&](const BatchSpan& span, int64_t begin, int64_t end) {
    float* h = state.slot(span.state) + state.n_convolved + begin;
    for (int64_t i = 0; begins(span) && i < n_states; ++i) std::fill_n(h + i * n_channels, end - begin, 0.0f);
    context_.kernels.scan({.x = s.x.row(span.first_row) + begin,
                           .step = s.step.row(span.first_row) + begin,
                           .x_stride = s.x.stride,
                           .step_stride = s.step.stride,
                           .n_rows = span.n_rows,
                           .n_channels = end - begin,
                           .n_states = static_cast<int>(n_states),
                           .b = s.b.row(span.first_row),
                           .c = s.c.row(span.first_row),
                           .bc_stride = s.b.stride,
                           .rate = s.rate.f32() + begin,
                           .skip = s.skip.f32() + begin,
                           .state = h,
                           .state_stride = n_channels,
                           .out = out.row(span.first_row) + begin,
                           .out_stride = n_channels});
  });
  return out;
}

Tensor StateOps::recur(const Recurrence& r, const StateLayer& state) {
  const int64_t n_keys = r.k.n / r.n_key_heads, n_values = r.v.n / r.n_heads;
  const bool decay_of_key = r.decay.n != r.n_heads;
  LOAM_CHECK(r.n_heads % r.n_key_heads == 0 && r.q.n == r.k.n && r.write.n == r.n_heads);
  LOAM_CHECK(!decay_of_key || r.decay.n == r.n_heads * n_keys);
  LOAM_CHECK(state.n_recurrent == r.n_heads * n_keys * n_values);
  Tensor out = make(r.v.n_rows, r.v.n);
  const int64_t n_parts = (n_values + kValuesTogether - 1) / kValuesTogether;
  for_pieces(r.n_heads * n_parts, 1, [&](const BatchSpan& span, int64_t piece, int64_t) {
    const int64_t head = piece / n_parts, begin = piece % n_parts * kValuesTogether;
    const int64_t n = std::min(kValuesTogether, n_values - begin), column = head * n_values + begin;
    float* s = state.slot(span.state) + state.n_convolved + head * n_keys * n_values + begin;
    for (int64_t key = 0; begins(span) && key < n_keys; ++key) std::fill_n(s + key * n_values, n, 0.0f);
    context_.kernels.recur({.n_rows = span.n_rows,
                            .n_keys = static_cast<int>(n_keys),
                            .n_values = static_cast<int>(n),
                            .q = r.q.row(span.first_row) + key_head(r, head) * n_keys,
                            .k = r.k.row(span.first_row) + key_head(r, head) * n_keys,
                            .q_stride = r.q.stride,
                            .k_stride = r.k.stride,
                            .v = r.v.row(span.first_row) + column,
                            .v_stride = r.v.stride,
                            .decay = r.decay.row(span.first_row) + (decay_of_key ? head * n_keys : head),
                            .decay_stride = r.decay.stride,
                            .decay_of_key = decay_of_key,
                            .write = r.write.row(span.first_row) + head,
                            .write_stride = r.write.stride,
                            .delta = r.delta,
                            .skip = r.skip ? r.skip.f32()[head] : 0,
                            .state = s,
                            .state_stride = n_values,
                            .out = out.row(span.first_row) + column,
                            .out_stride = r.v.n});
  });
  return out;
}

StateOps::Decay StateOps::decay(const Columns& x, const Tensor& bias, const Tensor& rate) {
  const int64_t n_rates = rate.shape.elements();
  LOAM_CHECK(bias.shape.elements() == x.n && x.n % n_rates == 0);
  Decay out{.step = make(x.n_rows, x.n), .decay = make(x.n_rows, x.n)};
  const Arena::Scope temporaries(context_.arena);
  const Tensor rates = make(1, x.n);
  for (int64_t i = 0; i < x.n; ++i) rates.f32()[i] = rate.f32()[i / (x.n / n_rates)];
  for_rows(x.n_rows, [&](int64_t row) {
    context_.kernels.decay(x.row(row), bias.f32(), rates.f32(), x.n, out.step.row(row), out.decay.row(row));
  });
  return out;
}

Tensor StateOps::bounded_decay(const Tensor& x, const Tensor& bias, const Tensor& rate, float factor, float bound) {
  const int64_t n = x.shape.cols(), together = n / rate.shape.elements();
  LOAM_CHECK(bias.shape.elements() == n && n == together * rate.shape.elements());
  Tensor out = make(x.shape.rows(), n);
  for_rows(x.shape.rows(), [&](int64_t row) {
    float* y = out.row(row);
    for (int64_t i = 0; i < n; ++i) y[i] = factor * rate.f32()[i / together] * (x.row(row)[i] + bias.f32()[i]);
    context_.kernels.activate({.kind = Activation::sigmoid}, y, nullptr, n, y);
    for (int64_t i = 0; i < n; ++i) y[i] = std::exp(bound * y[i]);
  });
  return out;
}

Tensor StateOps::steep_decay(const Tensor& x, const Tensor& bias) {
  const int64_t n = x.shape.cols();
  LOAM_CHECK(bias.shape.elements() == n);
  Tensor out = make(x.shape.rows(), n);
  for_rows(x.shape.rows(), [&](int64_t row) {
    for (int64_t i = 0; i < n; ++i) out.row(row)[i] = std::exp(-std::exp(x.row(row)[i] + bias.f32()[i]));
  });
  return out;
}

}  // namespace loam
