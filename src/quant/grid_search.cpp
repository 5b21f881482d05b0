#include "quant/grid_search.h"

#include <utility>

namespace loam {

template <class Vector>
template <size_t kSize>
GridSearch<Vector>::GridSearch(const std::array<Vector, kSize>& grid, std::vector<int8_t> steps)
    : steps_(std::move(steps)) {
  size_t numbers = 1;
  for (size_t i = 0; i < kValues; ++i) numbers *= steps_.size();
  index_.assign(numbers, -1);
  for (size_t i = 0; i < kSize; ++i) {
    vectors_.insert(vectors_.end(), grid[i].begin(), grid[i].end());
    index_[number_of(grid[i].data())] = static_cast<int16_t>(i);
  }
  find_neighbours();
}

template <class Vector>
size_t GridSearch<Vector>::number_of(const int8_t* vector) const noexcept {
  size_t number = 0;
  for (size_t i = kValues; i-- > 0;) {
    size_t digit = 0;
    while (steps_[digit] != vector[i]) ++digit;
    number = number * steps_.size() + digit;
  }
  return number;
}

// By distance, and among equals by index.
template <class Vector>
void GridSearch<Vector>::find_neighbours() {
  nearby_.resize(index_.size());
  for (size_t number = 0; number < index_.size(); ++number) {
    if (index_[number] >= 0) continue;
    float steps[kValues];
    size_t rest = number;
    for (float& step : steps) {
      step = steps_[rest % steps_.size()];
      rest /= steps_.size();
    }
    nearby_[number] = nearest_to(steps);
  }
}

template <class Vector>
auto GridSearch<Vector>::nearest_to(const float* steps) const -> std::array<int16_t, kNeighbours> {
  std::array<int16_t, kNeighbours> found{};
  std::array<float, kNeighbours> distances;
  distances.fill(INFINITY);
  for (size_t i = 0; i < vectors_.size() / kValues; ++i) {
    Lanes squares = splat(0);
    for (size_t k = 0; k < kValues; k += kLanes) {
      const Lanes difference = load_lanes(&vectors_[i * kValues + k]) - load_lanes(steps + k);
      squares += difference * difference;
    }
    const float distance = sum(squares);
    size_t place = kNeighbours;
    for (; place > 0 && distance < distances[place - 1]; --place) {
      if (place == kNeighbours) continue;
      distances[place] = distances[place - 1];
      found[place] = found[place - 1];
    }
    if (place < kNeighbours) distances[place] = distance, found[place] = static_cast<int16_t>(i);
  }
  return found;
}

template <class Vector>
int GridSearch<Vector>::nearest(const float* x, const float* weight) const noexcept {
  size_t number = 0;
  for (size_t i = kValues; i-- > 0;) {
    size_t digit = 0;
    while (digit + 1 < steps_.size() && 2 * x[i] > static_cast<float>(steps_[digit] + steps_[digit + 1])) ++digit;
    number = number * steps_.size() + digit;
  }
  if (index_[number] >= 0) return index_[number];
  int best = 0;
  float least = INFINITY;
  for (const int16_t candidate : nearby_[number]) {
    Lanes error = splat(0);
    for (size_t k = 0; k < kValues; k += kLanes) {
      const Lanes difference = load_lanes(x + k) - load_lanes(vector(candidate) + k);
      error += load_lanes(weight + k) * difference * difference;
    }
    if (sum(error) < least) least = sum(error), best = candidate;
  }
  return best;
}

template class GridSearch<Vector8>;
template class GridSearch<Vector4>;

const GridSearch<Vector8>& iq2_xxs_search() {
  static const GridSearch<Vector8> search(kIq2XxsGrid, {8, 25, 43});
  return search;
}
const GridSearch<Vector8>& iq2_xs_search() {
  static const GridSearch<Vector8> search(kIq2XsGrid, {8, 25, 43});
  return search;
}
const GridSearch<Vector8>& iq2_s_search() {
  static const GridSearch<Vector8> search(kIq2SGrid, {8, 25, 43});
  return search;
}
const GridSearch<Vector4>& iq3_xxs_search() {
  static const GridSearch<Vector4> search(kIq3XxsGrid, {4, 12, 20, 28, 36, 44, 52, 62});
  return search;
}
const GridSearch<Vector4>& iq3_s_search() {
  static const GridSearch<Vector4> search(kIq3SGrid, {1, 3, 5, 7, 9, 11, 13, 15});
  return search;
}
const GridSearch<Vector8>& iq1_search() {
  static const GridSearch<Vector8> search(kIq1Grid, {-1, 0, 1});
  return search;
}

ShiftedVector shifted_vector(const int8_t* values) noexcept {
  int8_t vector[8];
  for (int k = 0; k < 8; ++k) vector[k] = static_cast<int8_t>((values[k] + 9) / 8 - 1);
  return {iq1_search().index_of(vector), (values[0] & 7) == 7};
}

}  // namespace loam
