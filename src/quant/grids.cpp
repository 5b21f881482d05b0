#include "quant/grids.h"

#include <cstddef>
#include <iterator>

#include "quant/grid_sets.h"

namespace loam {
namespace {

// The vectors of a set, in the order of their numbers; digit d stands for steps[d].
template <class Vector, size_t kSize, size_t kWords, size_t kBase>
constexpr std::array<Vector, kSize> expand(const uint64_t (&set)[kWords], const int8_t (&steps)[kBase]) {
  std::array<Vector, kSize> grid{};
  size_t index = 0;
  for (size_t n = 0; n < 64 * kWords; ++n) {
    if (!(set[n / 64] >> n % 64 & 1)) continue;
    size_t rest = n;
    for (int8_t& value : grid[index]) {
      value = steps[rest % kBase];
      rest /= kBase;
    }
    ++index;
  }
  return grid;
}

constexpr int8_t kIq2Steps[] = {8, 25, 43};
constexpr int8_t kIq3XxsSteps[] = {4, 12, 20, 28, 36, 44, 52, 62};
constexpr int8_t kIq3SSteps[] = {1, 3, 5, 7, 9, 11, 13, 15};
constexpr int8_t kIq1Steps[] = {-1, 0, 1};

}  // namespace

constexpr std::array<Vector8, 256> kIq2XxsGrid = expand<Vector8, 256>(kIq2XxsSet, kIq2Steps);
constexpr std::array<Vector8, 512> kIq2XsGrid = expand<Vector8, 512>(kIq2XsSet, kIq2Steps);
constexpr std::array<Vector8, 1024> kIq2SGrid = expand<Vector8, 1024>(kIq2SSet, kIq2Steps);
constexpr std::array<Vector4, 256> kIq3XxsGrid = expand<Vector4, 256>(kIq3XxsSet, kIq3XxsSteps);
constexpr std::array<Vector4, 512> kIq3SGrid = expand<Vector4, 512>(kIq3SSet, kIq3SSteps);
constexpr std::array<Vector8, 2048> kIq1Grid = expand<Vector8, 2048>(kIq1Set, kIq1Steps);

}  // namespace loam
