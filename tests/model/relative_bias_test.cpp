// T5's buckets of distances against those of transformers (T5Attention._relative_position_bucket).
#include "model/parts/relative_bias.h"

#include <gtest/gtest.h>

#include <vector>

namespace loam {
namespace {

// The first distance behind a query of each bucket.
void expect_buckets(int n_buckets, const std::vector<int>& first_distances) {
  const int side = n_buckets / 2;
  for (size_t i = 0; i < first_distances.size(); ++i) {
    const int first = first_distances[i], end = i + 1 < first_distances.size() ? first_distances[i + 1] : 300;
    for (int distance = first; distance < end; ++distance) {
      const int bucket = static_cast<int>(i);
      EXPECT_EQ(relative_bucket(distance, n_buckets), distance == 0 ? 0 : side + bucket) << distance;
      EXPECT_EQ(relative_bucket(-distance, n_buckets), bucket) << -distance;
    }
  }
}

TEST(RelativeBias, BucketsAreThoseOfTheReference) {
  expect_buckets(32, {0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 23, 32, 46, 64, 91});
  expect_buckets(64, {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                      16, 19, 21, 24, 27, 31, 35, 40, 46, 52, 59, 67, 77, 87, 99, 113});
  expect_buckets(8, {0, 1, 2, 16});
}

TEST(RelativeBias, EveryOffsetHasItsBucketsNumber) {
  std::vector<float> values(size_t{32} * 3);
  for (size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i);
  const std::vector<float> biases =
      relative_biases({.dtype = DType::f32, .layout = Layout::plain, .shape = {32, 3}, .data = values.data()});
  constexpr int kOffsets = 2 * kFarthestDistance + 1;
  ASSERT_EQ(biases.size(), size_t{3} * kOffsets);
  for (int head = 0; head < 3; ++head)
    for (int offset = -kFarthestDistance; offset <= kFarthestDistance; ++offset)
      EXPECT_EQ(biases[static_cast<size_t>(head * kOffsets + kFarthestDistance + offset)],
                static_cast<float>(relative_bucket(offset, 32) * 3 + head));
  EXPECT_TRUE(relative_biases({}).empty());
}

}  // namespace
}  // namespace loam
