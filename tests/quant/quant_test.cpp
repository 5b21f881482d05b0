// Every block format against the `gguf` package's decoding, bit for bit (data: scripts/make_quant_golden.py).
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <random>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

#include "quant/block_format.h"
#include "quant/grids.h"
#include "quant/iq4_nl.h"
#include "quant/mxfp4.h"
#include "quant/q8_k.h"
#include "tests/support/support.h"

namespace loam {
namespace {

std::string golden_path(DType type, const char* suffix) {
  return test::data_path("quant/" + std::string(name(type)) + suffix);
}

std::vector<float> to_floats(const std::string& bytes) {
  std::vector<float> values(bytes.size() / sizeof(float));
  std::memcpy(values.data(), bytes.data(), values.size() * sizeof(float));
  return values;
}

std::vector<float> decode(const BlockFormat& format, const std::string& blocks) {
  const DTypeInfo& type = info(format.type);
  const auto n = static_cast<int64_t>(blocks.size()) / type.block_bytes * type.block_size;
  std::vector<float> out(static_cast<size_t>(n));
  format.decode(blocks.data(), n, out.data());
  return out;
}

std::string encode(const BlockFormat& format, const std::vector<float>& x) {
  std::string blocks(bytes_of(format.type, static_cast<int64_t>(x.size())), '\0');
  format.encode(x.data(), static_cast<int64_t>(x.size()), blocks.data());
  return blocks;
}

void expect_same_bits(const std::vector<float>& actual, const std::vector<float>& expected) {
  ASSERT_EQ(actual.size(), expected.size());
  for (size_t i = 0; i < actual.size(); ++i)
    ASSERT_EQ(std::bit_cast<uint32_t>(actual[i]), std::bit_cast<uint32_t>(expected[i]))
        << "weight " << i << ": " << actual[i] << ", not " << expected[i];
}

template <class Check>
void for_each_format(Check check) {
  for (const BlockFormat& format : block_formats()) {
    SCOPED_TRACE(name(format.type));
    check(format);
  }
}

// Types whose codes depend on what they do to each other's errors; the others round each value by itself.
bool is_searched(DType type) {
  switch (type) {
    case DType::f32:
    case DType::f16:
    case DType::bf16:
    case DType::q4_0:
    case DType::q4_1:
    case DType::q5_0:
    case DType::q5_1:
    case DType::q8_0:
    case DType::q8_k:
    case DType::mxfp4: return false;
    default: return true;
  }
}

bool has_grid(DType type) {
  switch (type) {
    case DType::iq1_s:
    case DType::iq1_m:
    case DType::iq2_xxs:
    case DType::iq2_xs:
    case DType::iq2_s:
    case DType::iq3_xxs:
    case DType::iq3_s: return true;
    default: return false;
  }
}

TEST(Quant, DecodesAsTheReferenceDoes) {
  for_each_format([](const BlockFormat& format) {
    if (format.type == DType::f32 || format.type == DType::q8_k) return;  // not in the package; tested below
    expect_same_bits(decode(format, test::read_file(golden_path(format.type, ".blocks"))),
                     to_floats(test::read_file(golden_path(format.type, ".f32"))));
  });
}

TEST(Quant, EncodesAsTheReferenceDoes) {
  const std::vector<float> x = to_floats(test::read_file(test::data_path("quant/encode_input.f32")));
  for (const DType type :
       {DType::f16, DType::bf16, DType::q4_0, DType::q4_1, DType::q5_0, DType::q5_1, DType::q8_0, DType::mxfp4}) {
    SCOPED_TRACE(name(type));
    const std::string encoded = encode(*find_format(type), x),
                      expected = test::read_file(golden_path(type, ".encoded"));
    ASSERT_EQ(encoded.size(), expected.size());
    const auto block_bytes = static_cast<size_t>(info(type).block_bytes);
    for (size_t i = 0; i < encoded.size(); ++i)
      ASSERT_EQ(encoded[i], expected[i]) << "block " << i / block_bytes << ", byte " << i % block_bytes;
  }
}

TEST(Quant, ZeroBytesAndZerosGiveZeros) {
  for_each_format([](const BlockFormat& format) {
    const DTypeInfo& type = info(format.type);
    for (const float x : decode(format, std::string(static_cast<size_t>(type.block_bytes) * 3, '\0'))) ASSERT_EQ(x, 0);
    const std::vector<float> zeros(static_cast<size_t>(type.block_size) * 3);
    for (const float x : decode(format, encode(format, zeros))) ASSERT_EQ(x, 0);
  });
}

// The largest error of one weight, relative to its block's largest magnitude.
double encoding_error_bound(DType type) {
  switch (type) {
    case DType::f32: return 0;
    case DType::f16: return 0x1p-11;
    case DType::bf16: return 0x1p-8;
    case DType::q8_0:
    case DType::q8_k: return 0.5 / 127 + 0x1p-11;
    case DType::q5_1: return 2.0 / 31 / 2 + 3 * 0x1p-11;  // the range is at most twice the magnitude
    case DType::q4_1: return 2.0 / 15 / 2 + 3 * 0x1p-11;
    case DType::q5_0: return 1.0 / 16 + 0x1p-11;  // the sign of the scale leaves +15 as the other end: one step short
    case DType::q4_0: return 1.0 / 8 + 0x1p-11;
    case DType::mxfp4:
      return 0.25;  // 6 stands for up to 8, of at least 4
    // The searches cut off some of the largest values for the sake of the others.
    case DType::q2_k: return 0.5;
    case DType::q3_k: return 1.0 / 3;
    case DType::q4_k: return 1.0 / 12;
    case DType::q5_k: return 1.0 / 20;
    case DType::q6_k: return 1.0 / 31;
    case DType::iq4_nl:
    case DType::iq4_xs: return 1.0 / 6;
    case DType::nvfp4: return 0.2;
    case DType::iq3_s:
    case DType::iq3_xxs: return 0.4;
    case DType::iq2_s:
    case DType::iq2_xs:
    case DType::iq2_xxs: return 0.7;
    case DType::iq1_m:
    case DType::iq1_s:
    case DType::tq1_0:
    case DType::tq2_0: return 0.75;
    case DType::q2_0: return 0.75;
    case DType::q1_0: return 1;
    default: ADD_FAILURE() << "no bound for " << name(type); return 0;
  }
}

TEST(Quant, EncodingErrorStaysWithinAStep) {
  std::mt19937 random(7);
  std::normal_distribution<float> normal;
  std::vector<float> x(256 * 16);
  for (float& value : x) value = normal(random);
  for_each_format([&](const BlockFormat& format) {
    const auto block = static_cast<size_t>(info(format.type).block_size);
    const std::vector<float> back = decode(format, encode(format, x));
    for (size_t b = 0; b < x.size(); b += block) {
      float largest = 0;
      for (size_t i = b; i < b + block; ++i) largest = std::max(largest, std::fabs(x[i]));
      for (size_t i = b; i < b + block; ++i)
        ASSERT_LE(std::fabs(back[i] - x[i]), largest * encoding_error_bound(format.type)) << "weight " << i;
    }
  });
}

template <class Vector, size_t kSize>
float value_of_grid(const std::array<Vector, kSize>& grid, size_t i) {
  const Vector& vector = grid[i / std::tuple_size_v<Vector> * 37 % kSize];
  return vector[i % std::tuple_size_v<Vector>];
}

// 256 values that a format holds exactly, but for a half-precision scale's rounding: those of its table or grid, or
// ends and zeros.
std::vector<float> representable_values(DType type) {
  std::vector<float> x(256);
  for (size_t i = 0; i < x.size(); ++i) switch (type) {
      case DType::iq4_nl:
      case DType::iq4_xs: x[i] = static_cast<float>(kIq4Values[i % 16]) / 8; break;
      case DType::mxfp4:
      case DType::nvfp4: x[i] = static_cast<float>(kMxfp4Values[i % 16]) / 8; break;
      case DType::iq2_xxs: x[i] = value_of_grid(kIq2XxsGrid, i) / 8; break;
      case DType::iq2_xs: x[i] = value_of_grid(kIq2XsGrid, i) / 8; break;
      case DType::iq2_s: x[i] = value_of_grid(kIq2SGrid, i) / -8; break;
      case DType::iq3_xxs: x[i] = value_of_grid(kIq3XxsGrid, i) / 8; break;
      case DType::iq3_s: x[i] = value_of_grid(kIq3SGrid, i) / -8; break;
      case DType::iq1_s:
      case DType::iq1_m: x[i] = value_of_grid(kIq1Grid, i) + 0.125f; break;
      case DType::q1_0: x[i] = i % 3 ? -127.0f / 8 : 127.0f / 8; break;
      default: x[i] = i % 2 ? -127.0f / 8 : 0.0f;
    }
  return x;
}

TEST(Quant, RepresentableValuesAreKeptExactly) {
  for_each_format([](const BlockFormat& format) {
    const std::vector<float> x = representable_values(format.type);
    const std::vector<float> once = decode(format, encode(format, x));
    for (size_t i = 0; i < x.size(); ++i) ASSERT_NEAR(once[i], x[i], 127.0 / 8 * 0x1p-11) << i;  // the scale's rounding
    if (format.type == DType::mxfp4 || format.type == DType::nvfp4 || format.type == DType::iq4_nl)
      expect_same_bits(once, x);
    const std::vector<float> twice = decode(format, encode(format, once));
    if (is_searched(format.type) &&
        format.type != DType::iq4_nl)  // several d and scales may give the same values but for d's rounding
      for (size_t i = 0; i < x.size(); ++i) ASSERT_NEAR(twice[i], once[i], 127.0 / 8 * 0x1p-11) << i;
    else
      expect_same_bits(twice, once);
  });
}

TEST(Quant, ConstantBlocksStayConstant) {
  for_each_format([](const BlockFormat& format) {
    double step = 0.01;
    if (format.type == DType::mxfp4) step = 0.25;
    if (format.type == DType::nvfp4) step = 0.05;
    for (const float value : {0.75f, -3.0f, 1e-3f, 1e4f}) {
      if (format.type == DType::nvfp4 && value == 1e4f) continue;  // beyond 240 · 12
      const std::vector<float> back = decode(format, encode(format, std::vector<float>(256, value)));
      if (has_grid(format.type)) {  // which may lack a vector of like values
        for (const float x : back) ASSERT_NEAR(x, value, std::fabs(value) * 0.75);
        continue;
      }
      for (const float x : back) ASSERT_EQ(x, back[0]);
      ASSERT_NEAR(back[0], value, std::fabs(value) * step);
    }
  });
}

TEST(Quant, EncodersGiveFiniteWeightsForNanAndTinyValues) {
  for_each_format([](const BlockFormat& format) {
    if (info(format.type).block_size == 1) return;  // there NaN stays NaN
    std::vector<float> x(512, 1.0f);
    x[3] = NAN;
    for (size_t i = 256; i < x.size(); ++i) x[i] = i % 2 ? 3e-45f : 0;
    for (const float back : decode(format, encode(format, x))) ASSERT_TRUE(std::isfinite(back));
  });
}

TEST(Quant, Q8KKeepsTheSumsOfItsGroups) {
  std::vector<float> x(256);
  for (size_t i = 0; i < x.size(); ++i) x[i] = std::sin(static_cast<float>(i));
  BlockQ8_K block;
  encode_q8_k(x.data(), &block);
  for (int j = 0; j < 16; ++j) {
    int sum = 0;
    for (int i = 0; i < 16; ++i) sum += block.q[16 * j + i];
    EXPECT_EQ(block.sums[j], sum);
  }
  EXPECT_EQ(block.q[11], -127);  // sin 11 = −0.99999 is the largest magnitude
  std::vector<float> back(256);
  decode_q8_k(&block, back.data());
  for (size_t i = 0; i < x.size(); ++i) EXPECT_EQ(back[i], block.d * static_cast<float>(block.q[i]));
}

// Root of Σ importance·error² / Σ importance·x² over rows as long as the importances.
double relative_error(const std::vector<float>& x, const std::vector<float>& back,
                      const std::vector<float>& importance) {
  double error = 0, all = 0;
  for (size_t i = 0; i < x.size(); ++i) {
    const double weight = importance[i % importance.size()], difference = static_cast<double>(x[i]) - back[i];
    error += weight * difference * difference;
    all += weight * x[i] * x[i];
  }
  return std::sqrt(error / all);
}

std::vector<float> encode_and_decode(const BlockFormat& format, const std::vector<float>& x,
                                     const std::vector<float>& importance) {
  const auto cols = static_cast<int64_t>(importance.size());
  std::string blocks;
  for (size_t row = 0; row < x.size(); row += importance.size()) {
    std::string encoded(bytes_of(format.type, cols), '\0');
    format.encode_weighted(&x[row], importance.data(), cols, encoded.data());
    blocks += encoded;
  }
  return decode(format, blocks);
}

// Data: scripts/make_encoder_golden.py.
TEST(Quant, SearchesAreNoWorseThanTheReference) {
  const auto file = [](const char* file) { return test::read_file(test::data_path("quant/" + std::string(file))); };
  const std::vector<float> x = to_floats(file("search_input.f32")),
                           importance = to_floats(file("search_importance.f32"));
  std::istringstream lines(file("search_error.txt"));
  std::string type;
  double plain = 0, weighted = 0;
  for (int n = 0; lines >> type >> plain >> weighted; ++n) {
    for_each_format([&](const BlockFormat& format) {
      if (name(format.type) != type) return;
      const std::vector<float> alike(importance.size(), 1.0f);
      EXPECT_LE(relative_error(x, decode(format, encode(format, x)), alike), plain);
      EXPECT_LE(relative_error(x, encode_and_decode(format, x, importance), importance), weighted);
    });
  }
}

TEST(Quant, FormatsThatLoamCannotDecodeAreNotFound) {
  EXPECT_EQ(find_format(DType::i32), nullptr);
  ASSERT_NE(find_format(DType::q4_k), nullptr);
}

TEST(Grids, AscendByTheirNumbers) {
  EXPECT_EQ(kIq2XxsGrid[0], (Vector8{8, 8, 8, 8, 8, 8, 8, 8}));
  EXPECT_EQ(kIq1Grid[2047], (Vector8{1, 1, 1, 1, 1, 1, 1, 1}));
  for (size_t i = 1; i < kIq3SGrid.size(); ++i)
    EXPECT_TRUE(std::lexicographical_compare(kIq3SGrid[i - 1].rbegin(), kIq3SGrid[i - 1].rend(), kIq3SGrid[i].rbegin(),
                                             kIq3SGrid[i].rend()));
}

TEST(Grids, SignsOfParityAreEven) {
  for (int seven = 0; seven < 128; ++seven) {
    EXPECT_EQ(with_parity(seven) & 127, seven);
    EXPECT_EQ(std::popcount(static_cast<unsigned>(with_parity(seven))) % 2, 0);
  }
}

TEST(Half, EveryHalfSurvivesTheRoundTrip) {
  for (uint32_t h = 0; h < 0x10000; ++h) {
    const auto half = static_cast<uint16_t>(h);
    const float wide = f16_to_f32(half);
    if (std::isnan(wide))
      ASSERT_EQ(f32_to_f16(wide), half | 0x0200) << h;  // quiet, payload kept
    else
      ASSERT_EQ(f32_to_f16(wide), half) << h;
    const float brain = bf16_to_f32(half);
    ASSERT_EQ(f32_to_bf16(brain), std::isnan(brain) ? half | 0x0040 : half) << h;
  }
}

TEST(Half, RoundsToTheNearestEven) {
  for (uint32_t h = 0; h < 0x7BFF; ++h) {
    const float low = f16_to_f32(static_cast<uint16_t>(h)), high = f16_to_f32(static_cast<uint16_t>(h + 1));
    const float middle = low + (high - low) / 2;
    ASSERT_EQ(f32_to_f16(middle), h + h % 2) << h;
    ASSERT_EQ(f32_to_f16(std::nextafter(middle, 0.0f)), h);
    ASSERT_EQ(f32_to_f16(std::nextafter(middle, 1e9f)), h + 1);
  }
  EXPECT_EQ(f32_to_f16(65519.996f), 0x7BFF);
  EXPECT_EQ(f32_to_f16(65520.0f), 0x7C00);
  EXPECT_EQ(f32_to_f16(-1e30f), 0xFC00);
  EXPECT_EQ(f32_to_bf16(1.00390625f), 0x3F80);  // a tie, down to the even code
  EXPECT_EQ(f32_to_bf16(1.01171875f), 0x3F82);  // a tie, up to the even code
}

TEST(Mxfp4, ScalesArePowersOfTwo) {
  for (int e = 0; e < 255; ++e) EXPECT_EQ(mxfp4_scale(static_cast<uint8_t>(e)), std::ldexp(1.0f, e - 128)) << e;
}

}  // namespace
}  // namespace loam
