#include "model/parts/spread_heads.h"

#include <vector>

namespace loam {

Tensor spread_heads(Ops& f, const Tensor& x, int64_t n_shared, int64_t n_heads) {
  if (n_shared == n_heads) return x;
  Tensor heads = x;  // the same numbers, a row for each head
  heads.shape = {x.shape.rows() * n_shared, x.shape.cols() / n_shared};
  std::vector<int32_t> chosen;
  for (int64_t row = 0; row < x.shape.rows(); ++row)
    for (int64_t head = 0; head < n_heads; ++head)
      chosen.push_back(static_cast<int32_t>(row * n_shared + head * n_shared / n_heads));
  Tensor out = f.rows(heads, chosen);
  out.shape = {x.shape.rows(), n_heads * heads.shape.cols()};
  return out;
}

}  // namespace loam
