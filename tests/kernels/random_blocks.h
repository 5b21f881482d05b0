// Matrices of random blocks for the kernel tests: random codes, scales of a sensible size.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <random>
#include <vector>

#include "quant/half.h"
#include "tensor/dtype.h"

namespace loam::test {

using Bytes = std::vector<uint8_t>;

// How the codes and sub-block scales of a block are filled: bits at random, all 0, all 1.
enum class Fill { random, zeros, ones };

// The types that matrix products take.
inline constexpr DType kMatmulTypes[] = {DType::f32,    DType::f16,   DType::bf16,    DType::q4_0,   DType::q4_1,
                                         DType::q5_0,   DType::q5_1,  DType::q8_0,    DType::q2_k,   DType::q3_k,
                                         DType::q4_k,   DType::q5_k,  DType::q6_k,    DType::iq4_nl, DType::iq4_xs,
                                         DType::mxfp4,  DType::q8_k,  DType::iq1_s,   DType::iq1_m,  DType::iq2_xxs,
                                         DType::iq2_xs, DType::iq2_s, DType::iq3_xxs, DType::iq3_s,  DType::nvfp4,
                                         DType::tq1_0,  DType::tq2_0, DType::q1_0,    DType::q2_0};

// Byte offsets of a block's half-precision numbers, −1 for none.
struct Halfs {
  int first = -1, second = -1;
};

inline Halfs halfs_of(DType type) {
  switch (type) {
    case DType::q4_1:
    case DType::q5_1:
    case DType::q4_k:
    case DType::q5_k: return {0, 2};
    case DType::q2_k: return {80, 82};
    case DType::q3_k: return {108};
    case DType::q6_k: return {208};
    case DType::tq1_0: return {52};
    case DType::tq2_0: return {64};
    case DType::q8_k:
    case DType::iq1_m:
    case DType::nvfp4:
    case DType::mxfp4: return {};
    default: return {0};
  }
}

// One call of `random` a line: the order of a call's arguments differs between machines.
inline uint16_t random_half(std::mt19937& random) {
  const auto mantissa = 1024 + static_cast<float>(random() % 1024);
  const int exponent = static_cast<int>(random() % 4) - 19;
  const float magnitude = std::ldexp(mantissa, exponent);
  return f32_to_f16(random() % 2 ? magnitude : -magnitude);
}

inline void fill_block(DType type, uint8_t* block, std::mt19937& random, Fill fill) {
  const int bytes = info(type).block_bytes;
  for (int i = 0; i < bytes; ++i)
    block[i] = fill == Fill::random ? static_cast<uint8_t>(random()) : fill == Fill::ones ? 0xFF : 0;
  if (type == DType::mxfp4) block[0] = static_cast<uint8_t>(118 + random() % 8);
  if (type == DType::nvfp4)
    for (int i = 0; i < 4; ++i) block[i] = static_cast<uint8_t>(random());
  if (type == DType::q8_k) {
    const float d = f16_to_f32(random_half(random));
    std::memcpy(block, &d, 4);
  }
  if (type == DType::iq1_m) {  // a digit of the half in each of the last four numbers
    const uint16_t half = random_half(random);
    for (int i = 0; i < 4; ++i)
      block[49 + 2 * i] = static_cast<uint8_t>((block[49 + 2 * i] & 15) | (half >> 4 * i & 15) << 4);
  }
  const Halfs halfs = halfs_of(type);
  for (const int offset : {halfs.first, halfs.second}) {
    if (offset < 0) continue;
    const uint16_t half = random_half(random);
    std::memcpy(block + offset, &half, 2);
  }
}

// Numbers of mean 0 and variance 1, each the sum of three uniform ones: every step is exact, so they are the same on
// every machine.
inline std::vector<float> random_floats(int64_t n, uint32_t seed) {
  std::mt19937 random(seed);
  const auto uniform = [&] { return static_cast<float>(random() >> 11) * 0x1p-20f - 1; };  // in [−1, 1)
  std::vector<float> values(static_cast<size_t>(n));
  for (float& value : values) {
    value = uniform();
    value += uniform();
    value += uniform();
  }
  return values;
}

// rows × cols of `type`; every half-precision scale is between 2⁻⁹ and 2⁻⁵, of either sign.
inline Bytes random_matrix(DType type, int64_t rows, int64_t cols, uint32_t seed, Fill fill = Fill::random) {
  std::mt19937 random(seed);
  Bytes matrix(bytes_of(type, rows * cols));
  if (info(type).block_size > 1) {
    for (size_t i = 0; i < matrix.size(); i += static_cast<size_t>(info(type).block_bytes))
      fill_block(type, &matrix[i], random, fill);
    return matrix;
  }
  const std::vector<float> values = random_floats(rows * cols, seed);
  for (size_t i = 0; i < values.size(); ++i) {
    if (type == DType::f32) {
      std::memcpy(&matrix[4 * i], &values[i], 4);
    } else {
      const uint16_t half = type == DType::f16 ? f32_to_f16(values[i]) : f32_to_bf16(values[i]);
      std::memcpy(&matrix[2 * i], &half, 2);
    }
  }
  return matrix;
}

}  // namespace loam::test
