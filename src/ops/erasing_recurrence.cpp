#include "ops/erasing_recurrence.h"

#include <algorithm>
#include <array>

#include "base/error.h"

namespace loam {
namespace {

constexpr int64_t kErasedTogether = 32;  // values that are a piece of work: their sums stay in registers

// Row `at` of a head's inputs, and the piece's values.
struct ErasingRow {
  const float *q, *k, *v, *decay, *found, *erased;
};

// `n` values of the state, `stride` apart from key to key, take one row. A loop over values at a time: none of their
// sums crosses lanes.
void take_row(const ErasingRow& row, int64_t n_keys, int64_t n, float* state, int64_t stride, float* out) {
  std::array<float, kErasedTogether> lost{}, sum{};
  for (int64_t key = 0; key < n_keys; ++key)
    for (int64_t i = 0; i < n; ++i) lost[static_cast<size_t>(i)] += row.found[key] * state[key * stride + i];
  for (int64_t key = 0; key < n_keys; ++key) {
    float* s = state + key * stride;
    for (int64_t i = 0; i < n; ++i) {
      s[i] = row.decay[key] * s[i] + (row.k[key] * row.v[i] - row.erased[key] * lost[static_cast<size_t>(i)]);
      sum[static_cast<size_t>(i)] += row.q[key] * s[i];
    }
  }
  std::copy_n(sum.begin(), n, out);
}

}  // namespace

Tensor recur_and_erase(Context& context, const Batch& batch, const ErasingRecurrence& r, const StateLayer& state) {
  context.check_cancelled();
  const int64_t width = r.v.shape.cols(), dim = width / r.n_heads;
  for (const Tensor* x : {&r.q, &r.k, &r.decay, &r.found, &r.erased}) LOAM_CHECK(x->shape == r.v.shape);
  LOAM_CHECK(width % r.n_heads == 0 && state.n_recurrent == width * dim);
  const Tensor out{.shape = r.v.shape,
                   .data = context.arena.allocate(static_cast<size_t>(r.v.shape.elements()) * sizeof(float))};
  const int64_t n_parts = (dim + kErasedTogether - 1) / kErasedTogether, n_pieces = r.n_heads * n_parts;
  WorkQueue queue(context, n_pieces * std::ssize(batch.spans));
  context.pool.run([&](int) {
    while (const auto piece = queue.take()) {
      const BatchSpan& span = batch.spans[static_cast<size_t>(*piece / n_pieces)];
      const int64_t head = *piece % n_pieces / n_parts, begin = *piece % n_parts * kErasedTogether;
      const int64_t n = std::min(kErasedTogether, dim - begin), at = head * dim;
      float* s = state.slot(span.state) + state.n_convolved + at * dim + begin;
      if (batch.positions[static_cast<size_t>(span.first_row)] == 0)
        for (int64_t key = 0; key < dim; ++key) std::fill_n(s + key * dim, n, 0.0f);
      for (int64_t i = span.first_row; i < span.first_row + span.n_rows; ++i)
        take_row({.q = r.q.row(i) + at,
                  .k = r.k.row(i) + at,
                  .v = r.v.row(i) + at + begin,
                  .decay = r.decay.row(i) + at,
                  .found = r.found.row(i) + at,
                  .erased = r.erased.row(i) + at},
                 dim, n, s, dim, out.row(i) + at + begin);
    }
  });
  context.check_cancelled();
  return out;
}

}  // namespace loam
