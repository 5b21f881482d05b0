// Codes of quant/scale_search.h whose values come as vectors from a grid (IQ2, IQ3, IQ1).
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "quant/grids.h"
#include "quant/lanes.h"

namespace loam {

// Finds the vector of a grid that is nearest to given values.
//
// Every vector of steps, in the grid or not, has a number (quant/grid_sets.h). The values' own nearest steps give one;
// where the grid lacks it, the grid's vectors around it are compared.
template <class Vector>
class GridSearch {
 public:
  template <size_t kSize>
  GridSearch(const std::array<Vector, kSize>& grid, std::vector<int8_t> steps);

  // The index of the vector with about the least Σ weight·(x − vector)².
  int nearest(const float* x, const float* weight) const noexcept;
  // Of a vector of the grid.
  int index_of(const int8_t* vector) const noexcept { return index_[number_of(vector)]; }
  const float* vector(int index) const noexcept { return &vectors_[static_cast<size_t>(index) * kValues]; }

 private:
  static constexpr size_t kValues = std::tuple_size_v<Vector>, kNeighbours = 24;

  size_t number_of(const int8_t* vector) const noexcept;
  void find_neighbours();
  std::array<int16_t, kNeighbours> nearest_to(const float* steps) const;

  std::vector<int8_t> steps_;                             // ascending
  std::vector<float> vectors_;                            // [index][value]
  std::vector<int16_t> index_;                            // of each number, −1 where the grid lacks it
  std::vector<std::array<int16_t, kNeighbours>> nearby_;  // of each number
};

// Made at their first use, which takes some hundredths of a second.
const GridSearch<Vector8>& iq2_xxs_search();
const GridSearch<Vector8>& iq2_xs_search();
const GridSearch<Vector8>& iq2_s_search();
const GridSearch<Vector4>& iq3_xxs_search();
const GridSearch<Vector4>& iq3_s_search();
const GridSearch<Vector8>& iq1_search();

// Signed values whose magnitudes come from a grid. With kParity, of each eight values an even number is negative.
template <class Vector, const GridSearch<Vector>& (*kSearch)(), bool kParity, int kLargest, int kEighths>
struct MagnitudeCodes {
  static constexpr float kLowest = -kLargest, kHighest = kLargest;
  static constexpr float kReach = 0.6f * kLargest;
  static constexpr float kUnit = kEighths / 8.0f;
  static constexpr bool kSigned = false;

  static void nearest(const float* x, const float* weight, int n, float inverse, float* q) {
    for (int i = 0; i < n; i += 8) {
      float magnitudes[8];
      uint8_t negative = take_signs(x + i, weight + i, inverse, magnitudes);
      for (int v = 0; v < 8; v += kValues) {
        const float* vector = kSearch().vector(kSearch().nearest(magnitudes + v, weight + i + v));
        std::copy_n(vector, kValues, q + i + v);
      }
      for (int k = 0; k < 8; ++k, negative >>= 1)
        if (negative & 1) q[i + k] = -q[i + k];
    }
  }

 private:
  static constexpr int kValues = static_cast<int>(std::tuple_size_v<Vector>);

  // The signs of eight values; where their number must be even and is not, the value whose sign counts least has the
  // wrong one, and a negative magnitude.
  static uint8_t take_signs(const float* x, const float* weight, float inverse, float* magnitudes) {
    int negative = 0, least = 0;
    for (int k = 0; k < 8; ++k) {
      negative |= (x[k] < 0) << k;
      magnitudes[k] = std::fabs(x[k]) * inverse;
      if (weight[k] * magnitudes[k] < weight[least] * magnitudes[least]) least = k;
    }
    if (kParity && with_parity(negative & 127) != negative) {
      negative ^= 1 << least;
      magnitudes[least] = -magnitudes[least];
    }
    return static_cast<uint8_t>(negative);
  }
};

// 8·(v ± ⅛) of IQ1's vectors, all kShared values with the same sign before the ⅛.
template <int kShared>
struct ShiftedCodes {
  static constexpr float kLowest = -9, kHighest = 9, kReach = 16, kUnit = 0.125f;
  static constexpr bool kSigned = false;

  static void nearest(const float* x, const float* weight, int n, float inverse, float* q) {
    for (int i = 0; i < n; i += kShared) {
      float down[kShared];
      const float up_error = shifted(x + i, weight + i, inverse, 1, q + i);
      if (shifted(x + i, weight + i, inverse, -1, down) < up_error) std::copy_n(down, kShared, q + i);
    }
  }

 private:
  // Writes the values nearest to x·inverse with one shift; returns their error.
  static float shifted(const float* x, const float* weight, float inverse, float shift, float* q) {
    float error = 0;
    for (int i = 0; i < kShared; i += 8) {
      float steps[8];
      for (int k = 0; k < 8; ++k) steps[k] = (x[i + k] * inverse - shift) / 8;
      const float* vector = iq1_search().vector(iq1_search().nearest(steps, weight + i));
      for (int k = 0; k < 8; ++k) {
        error += weight[i + k] * (steps[k] - vector[k]) * (steps[k] - vector[k]);
        q[i + k] = 8 * vector[k] + shift;
      }
    }
    return error;
  }
};

// The magnitudes and signs (bit k: value k is negative) of n ≤ 8 values.
inline int split_signs(const int8_t* values, int n, int8_t* magnitudes) {
  int signs = 0;
  for (int k = 0; k < n; ++k) {
    signs |= (values[k] < 0) << k;
    magnitudes[k] = static_cast<int8_t>(std::abs(values[k]));
  }
  return signs;
}

// Of eight values 8·(v ± ⅛): v's index in IQ1's grid, and whether the ⅛ is taken away.
struct ShiftedVector {
  int index;
  bool down;
};
ShiftedVector shifted_vector(const int8_t* values) noexcept;

}  // namespace loam
