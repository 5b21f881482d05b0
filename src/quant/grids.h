// The grids of IQ1, IQ2 and IQ3: the vectors of magnitudes (or, for IQ1, of −1, 0, 1) that an index stands for.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace loam {

using Vector8 = std::array<int8_t, 8>;
using Vector4 = std::array<int8_t, 4>;

// Magnitudes 8, 25, 43.
extern const std::array<Vector8, 256> kIq2XxsGrid;
extern const std::array<Vector8, 512> kIq2XsGrid;
extern const std::array<Vector8, 1024> kIq2SGrid;
// Magnitudes 4, 12, 20, 28, 36, 44, 52, 62.
extern const std::array<Vector4, 256> kIq3XxsGrid;
// Magnitudes 1, 3, 5, … 15.
extern const std::array<Vector4, 512> kIq3SGrid;
// −1, 0, 1.
extern const std::array<Vector8, 2048> kIq1Grid;

// The eight signs that seven bits stand for (IQ2_XXS, IQ2_XS, IQ3_XXS): the last one makes the number of minuses even.
constexpr int with_parity(int seven) {
  int parity = seven ^ seven >> 4;
  parity ^= parity >> 2;
  parity ^= parity >> 1;
  return seven | (parity & 1) << 7;
}

// Writes a vector's magnitudes, those negative whose bit of `signs` is set.
template <size_t kSize>
void set_signed(const std::array<int8_t, kSize>& vector, int signs, int8_t* out) {
  for (size_t i = 0; i < kSize; ++i) out[i] = static_cast<int8_t>(signs >> i & 1 ? -vector[i] : vector[i]);
}

// Writes 8·(v ± ⅛) of a vector of kIq1Grid.
inline void set_shifted(const Vector8& vector, bool down, int8_t* out) {
  for (size_t i = 0; i < 8; ++i) out[i] = static_cast<int8_t>(8 * vector[i] + (down ? -1 : 1));
}

}  // namespace loam
