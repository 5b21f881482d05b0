// Helpers that the block formats share for finding a scale and storing small codes.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace loam {

// The value of x[0…n) with the largest magnitude, with its sign; the first of several.
inline float largest_magnitude(const float* x, int n) {
  float largest = 0;
  for (int i = 0; i < n; ++i)
    if (std::fabs(x[i]) > std::fabs(largest)) largest = x[i];
  return largest;
}

inline float reciprocal_or_zero(float x) { return x == 0 ? 0 : 1 / x; }

// x without its fraction, within [0, max]; 0 for NaN. Callers add ½ to round to the nearest.
inline uint8_t truncate_to_code(float x, int max) {
  return x > 0 ? static_cast<uint8_t>(std::min(x, static_cast<float>(max))) : uint8_t{0};
}

// Nearest integer, ties away from zero; 0 for NaN.
inline int8_t round_to_int8(float x) {
  return std::isnan(x) ? int8_t{0} : static_cast<int8_t>(std::clamp(std::round(x), -127.0f, 127.0f));
}

// Index of the nearest of 16 values; the first of several.
inline int nearest_of_16(const int8_t values[16], float x) {
  int best = 0;
  for (int i = 1; i < 16; ++i)
    if (std::fabs(static_cast<float>(values[i]) - x) < std::fabs(static_cast<float>(values[best]) - x)) best = i;
  return best;
}

// Code i of 32 in 16 bytes: i < 16 in the low half of byte i, others in the high half of byte i − 16.
inline int nibble(const uint8_t nibbles[16], int i) { return i < 16 ? nibbles[i] & 15 : nibbles[i - 16] >> 4; }

inline void set_nibbles(const uint8_t codes[32], uint8_t nibbles[16]) {
  for (int i = 0; i < 16; ++i) nibbles[i] = static_cast<uint8_t>((codes[i] & 15) | (codes[i + 16] & 15) << 4);
}

// Bit i of 32 in 4 bytes.
inline int bit(const uint8_t* bits, int i) { return bits[i / 8] >> i % 8 & 1; }

// Bit 4 of each code.
inline void set_high_bits(const uint8_t codes[32], uint8_t high_bits[4]) {
  for (int byte = 0; byte < 4; ++byte) {
    int bits = 0;
    for (int i = 0; i < 8; ++i) bits |= (codes[8 * byte + i] >> 4 & 1) << i;
    high_bits[byte] = static_cast<uint8_t>(bits);
  }
}

}  // namespace loam
