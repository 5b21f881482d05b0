#include "model/parts/streams.h"

#include <vector>

namespace loam {

Tensor to_streams(Ops& f, const Tensor& x, int64_t n) {
  std::vector<int32_t> rows;
  for (int32_t row = 0; row < x.shape.rows(); ++row) rows.insert(rows.end(), static_cast<size_t>(n), row);
  Tensor out = f.rows(x, rows);
  out.shape = {x.shape.rows(), n * x.shape.cols()};
  return out;
}

Tensor sum_of_streams(Ops& f, const Tensor& x, int64_t n) {
  const int64_t all = x.shape.cols(), dim = all / n;
  Tensor sum = f.head_part(x, all, 0, dim);
  for (int64_t i = 1; i < n; ++i) f.add(sum, f.head_part(x, all, i * dim, dim));
  return sum;
}

void multiply_streams(Ops& f, Tensor& x, const Tensor& weights) {
  Tensor streams = x, factors = weights;  // the same numbers, a row for each stream
  factors.shape = {weights.shape.elements(), 1};
  streams.shape = {weights.shape.elements(), x.shape.elements() / weights.shape.elements()};
  f.multiply(streams, factors);
}

void add_to_streams(Ops& f, Tensor& x, const Tensor& y, const Tensor& weights) {
  Tensor spread = to_streams(f, y, weights.shape.cols());
  multiply_streams(f, spread, weights);
  f.add(x, spread);
}

Tensor copy_of(Ops& f, const Tensor& x) { return f.head_part(x, x.shape.cols(), 0, x.shape.cols()); }

}  // namespace loam
