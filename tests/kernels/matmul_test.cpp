// The packed matrix product of every format in every instruction set.
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <string>
#include <tuple>
#include <vector>

#include "kernels/kernel_table.h"
#include "quant/block_format.h"
#include "tensor/tensor.h"
#include "tests/kernels/random_blocks.h"
#include "tests/kernels/tested_kernels.h"

namespace loam {
namespace {

using test::Fill;
using test::kMatmulTypes;
using test::random_floats;
using test::random_matrix;
using test::tested_kernels;

std::vector<float> decode(DType type, const void* blocks, int64_t n) {
  std::vector<float> out(static_cast<size_t>(n));
  find_format(type)->decode(blocks, n, out.data());
  return out;
}

// A matrix and activations with all that a product of them needs.
struct Problem {
  DType type;
  int64_t rows, cols, n_tokens;
  test::Bytes matrix;
  std::vector<float> x;  // [n_tokens][cols]

  Problem(DType type, int64_t rows, int64_t cols, int64_t n_tokens, Fill fill = Fill::random)
      : type(type),
        rows(rows),
        cols(cols),
        n_tokens(n_tokens),
        matrix(random_matrix(type, rows, cols, 1, fill)),
        x(random_floats(n_tokens * cols, 2)) {}

  Buffer pack(const KernelTable& kernels) const {
    Buffer packed(packed_bytes(kernels, type, rows, cols));
    kernels.pack(type, matrix.data(), 0, rows, cols, packed.data());
    return packed;
  }

  // The products of the first n tokens, rows cut at `cut` (a multiple of the row group) between two calls.
  std::vector<float> run(const KernelTable& kernels, int64_t n, int64_t cut = 0) const {
    const Buffer packed = pack(kernels);
    const ActivationKind kind = activation_kind(type);
    Buffer activations(activation_bytes(kernels, kind, n, cols));
    kernels.pack_activations(kind, x.data(), cols, 0, n, n, cols, activations.data());
    std::vector<float> out(static_cast<size_t>(n * rows), -1);
    MatmulArgs args{type, packed.data(), cols, 0, cut, activations.data(), n, out.data(), rows};
    if (cut > 0) kernels.matmul(args);
    args.row_begin = cut;
    args.row_end = rows;
    kernels.matmul(args);
    return out;
  }
};

// Activations as the product sees them: int8 codes with a scale per 32 or 256 columns, or unchanged.
std::vector<double> quantised(const Problem& p) {
  std::vector<double> out(p.x.begin(), p.x.end());
  const ActivationKind kind = activation_kind(p.type);
  if (kind == ActivationKind::float32) return out;
  const size_t shared = kind == ActivationKind::int8_super ? 256 : 32;
  for (size_t b = 0; b < out.size(); b += shared) {
    float largest = 0;
    for (size_t i = b; i < b + shared; ++i) largest = std::max(largest, std::fabs(p.x[i]));
    for (size_t i = b; i < b + shared; ++i)
      out[i] = largest > 0 ? std::nearbyint(p.x[i] * (127.0f / largest)) * static_cast<double>(largest / 127.0f) : 0;
  }
  return out;
}

// Compares with products in double precision, within `tolerance` of the sum of magnitudes.
void expect_close(const Problem& p, const std::vector<float>& out, double tolerance = 1e-6) {
  const std::vector<float> w = decode(p.type, p.matrix.data(), p.rows * p.cols);
  const std::vector<double> x = quantised(p);
  for (int64_t t = 0; t < p.n_tokens; ++t)
    for (int64_t r = 0; r < p.rows; ++r) {
      double sum = 0, magnitude = 0;
      for (int64_t k = 0; k < p.cols; ++k) {
        const double product = w[static_cast<size_t>(r * p.cols + k)] * x[static_cast<size_t>(t * p.cols + k)];
        sum += product;
        magnitude += std::fabs(product);
      }
      ASSERT_NEAR(out[static_cast<size_t>(t * p.rows + r)], sum, tolerance * magnitude)
          << name(p.type) << " row " << r << " token " << t;
    }
}

struct EachType : testing::TestWithParam<std::tuple<const KernelTable*, DType>> {
  const KernelTable& kernels = *std::get<0>(GetParam());
  DType type = std::get<1>(GetParam());
  // The least number of columns that tells one block from the next.
  int64_t cols = info(type).block_size == 1 ? 37 : 3 * info(type).block_size;
};

TEST_P(EachType, UnpacksWhatWasPacked) {
  for (const int64_t rows : {1, 7, 16, 33}) {
    const Problem p(type, rows, cols, 1);
    const Buffer packed = p.pack(kernels);
    for (int64_t row = 0; row < rows; ++row) {
      std::vector<float> out(static_cast<size_t>(cols));
      kernels.unpack_row(type, packed.data(), row, cols, out.data());
      const auto* blocks = p.matrix.data() + static_cast<size_t>(row) * bytes_of(type, cols);
      EXPECT_EQ(out, decode(type, blocks, cols)) << "row " << row << " of " << rows;
    }
  }
}

TEST_P(EachType, PacksInParts) {
  const int64_t rows = 4 * kernels.row_group + 3, cut = 2 * kernels.row_group;
  const Problem p(type, rows, cols, 1);
  const Buffer whole = p.pack(kernels);
  Buffer parts(whole.size());
  kernels.pack(type, p.matrix.data(), 0, cut, cols, parts.data());
  kernels.pack(type, p.matrix.data() + static_cast<size_t>(cut) * bytes_of(type, cols), cut, rows, cols, parts.data());
  EXPECT_EQ(std::memcmp(whole.data(), parts.data(), whole.size()), 0);
}

TEST_P(EachType, MultipliesLikeDoublePrecision) {
  for (const int64_t rows : {1, 16, 35}) {
    const Problem p(type, rows, cols, 5);
    expect_close(p, p.run(kernels, p.n_tokens));
  }
}

// What rounding the activations to int8 costs: beside weights and activations as they are, a ten-thousandth of the
// energy.
TEST_P(EachType, IsCloseToUnroundedActivations) {
  const Problem p(type, 32, 2048, 4);
  const std::vector<float> w = decode(type, p.matrix.data(), p.rows * p.cols), out = p.run(kernels, p.n_tokens);
  double error = 0, energy = 0;
  for (int64_t t = 0; t < p.n_tokens; ++t)
    for (int64_t r = 0; r < p.rows; ++r) {
      double sum = 0;
      for (int64_t k = 0; k < p.cols; ++k)
        sum += static_cast<double>(w[static_cast<size_t>(r * p.cols + k)]) * p.x[static_cast<size_t>(t * p.cols + k)];
      const double difference = out[static_cast<size_t>(t * p.rows + r)] - sum;
      error += difference * difference;
      energy += sum * sum;
    }
  EXPECT_LE(error / energy, 1e-4);
}

TEST_P(EachType, MultipliesLongRows) {
  const Problem p(type, 17, info(type).block_size == 1 ? 8961 : 8960, 2);
  expect_close(p, p.run(kernels, p.n_tokens), 3e-6);
}

// All codes at their ends against activations at ±127: the largest integer sums.
TEST_P(EachType, HoldsExtremeCodes) {
  for (const Fill fill : {Fill::zeros, Fill::ones})
    for (const float sign : {1.0f, -1.0f}) {
      Problem p(type, 16, cols, 8, fill);
      for (float& value : p.x) value = sign;
      expect_close(p, p.run(kernels, p.n_tokens));
    }
}

TEST_P(EachType, GivesZeroForZeroActivations) {
  Problem p(type, 9, cols, 3);
  for (float& value : p.x) value = 0;
  EXPECT_EQ(p.run(kernels, 3), std::vector<float>(27, 0.0f));
}

TEST_P(EachType, DoesNotDependOnTheBatch) {
  const Problem p(type, 3 * kernels.row_group + 5, 8 * cols, 64);
  const std::vector<float> all = p.run(kernels, 64);
  for (int64_t n = 1; n <= 17; ++n) {
    const std::vector<float> some = p.run(kernels, n);
    ASSERT_EQ(std::memcmp(all.data(), some.data(), some.size() * sizeof(float)), 0) << n << " tokens";
  }
}

TEST_P(EachType, DoesNotDependOnTheSplitOfRows) {
  const Problem p(type, 6 * kernels.row_group + 5, cols, 3);
  EXPECT_EQ(p.run(kernels, 3), p.run(kernels, 3, kernels.row_group));
}

// More activations than one pass of the cache takes.
TEST_P(EachType, MultipliesInPasses) {
  const Problem p(type, kernels.row_group, info(type).block_size == 1 ? 4100 : 4096, 77);
  const std::vector<float> all = p.run(kernels, 77), few = p.run(kernels, 3);
  EXPECT_EQ(std::memcmp(all.data(), few.data(), few.size() * sizeof(float)), 0);
  expect_close(p, all, 3e-6);
}

TEST_P(EachType, EqualsTheScalarSet) {
  const Problem p(type, 37, 4 * cols, 11);
  const std::vector<float> scalar = p.run(*available_kernels().front(), 11), out = p.run(kernels, 11);
  EXPECT_EQ(scalar, out);
}

INSTANTIATE_TEST_SUITE_P(Kernels, EachType,
                         testing::Combine(testing::ValuesIn(tested_kernels()), testing::ValuesIn(kMatmulTypes)),
                         [](const auto& parameters) {
                           return std::string(std::get<0>(parameters.param)->name) + "_" +
                                  std::string(name(std::get<1>(parameters.param)));
                         });

TEST(Matmul, TypesWithoutAProductCannotBePacked) {
  const KernelTable& kernels = *available_kernels().front();
  EXPECT_FALSE(has_matmul(DType::q8_1));
  EXPECT_FALSE(has_matmul(DType::i32));
  EXPECT_EQ(packed_bytes(kernels, DType::q8_1, 8, 256), 0u);
}

TEST(Matmul, EveryFormatHasAProduct) {
  for (const BlockFormat& format : block_formats()) EXPECT_TRUE(has_matmul(format.type)) << name(format.type);
}

}  // namespace
}  // namespace loam
