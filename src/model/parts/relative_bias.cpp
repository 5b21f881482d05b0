#include "model/parts/relative_bias.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace loam {

int relative_bucket(int offset, int n_buckets) {
  const int of_side = n_buckets / 2, exact = of_side / 2;
  const int side = offset > 0 ? of_side : 0, distance = std::abs(offset);
  if (distance < exact) return side + distance;
  // In single precision, as the models were trained: at some distances it decides.
  const float part = std::log(static_cast<float>(distance) / static_cast<float>(exact)) /
                     static_cast<float>(std::log(static_cast<double>(kFarthestDistance) / exact));
  const int range = exact + static_cast<int>(part * static_cast<float>(of_side - exact));
  return side + std::min(range, of_side - 1);
}

std::vector<float> relative_biases(const Tensor& of_buckets) {
  std::vector<float> biases;
  if (!of_buckets) return biases;
  const auto n_buckets = static_cast<int>(of_buckets.shape.rows());
  for (int64_t head = 0; head < of_buckets.shape.cols(); ++head)
    for (int offset = -kFarthestDistance; offset <= kFarthestDistance; ++offset)
      biases.push_back(of_buckets.row(relative_bucket(offset, n_buckets))[head]);
  return biases;
}

}  // namespace loam
