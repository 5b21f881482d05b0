// Random activations and packed weights for the tests of operations, and the set-ups that they all run on.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <random>
#include <string>
#include <vector>

#include "ops/ops.h"
#include "quant/block_format.h"

namespace loam::test {

using Floats = std::vector<float>;

inline Floats random_floats(int64_t n, uint32_t seed, float spread = 1) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0, spread);
  Floats x(n);
  for (float& v : x) v = normal(random);
  return x;
}

// A view; `values` must outlive it.
inline Tensor view(const Floats& values, int64_t rows) {
  const int64_t cols = static_cast<int64_t>(values.size()) / rows;
  return {.shape = {rows, cols}, .data = const_cast<float*>(values.data())};
}

inline Floats copy(const Tensor& x) { return {x.f32(), x.f32() + x.shape.elements()}; }
inline Floats copy_rows(const Tensor& x, int64_t begin, int64_t end) { return {x.row(begin), x.row(end)}; }

// Weights (n_matrices, rows, cols) in some type: as stored in a file, and as read back from there.
struct Weights {
  DType dtype;
  int64_t n_matrices, rows, cols;
  std::vector<std::byte> blocks;
  Floats values;

  Weights(DType dtype, int64_t rows, int64_t cols, uint32_t seed, int64_t n_matrices = 1)
      : dtype(dtype), n_matrices(n_matrices), rows(rows), cols(cols) {
    const int64_t n = n_matrices * rows * cols;
    blocks.resize(bytes_of(dtype, n));
    values.resize(n);
    find_format(dtype)->encode(random_floats(n, seed, 0.2f).data(), n, blocks.data());
    find_format(dtype)->decode(blocks.data(), n, values.data());
  }

  Tensor plain() const {
    return {.dtype = dtype, .shape = {n_matrices * rows, cols}, .data = const_cast<std::byte*>(blocks.data())};
  }
  double at(int64_t row, int64_t col) const { return values[row * cols + col]; }
};

// The same, packed for one instruction set.
struct Packed {
  Buffer memory;
  Tensor tensor;

  Packed(const KernelTable& kernels, const Weights& w)
      : memory(w.n_matrices * packed_bytes(kernels, w.dtype, w.rows, w.cols)) {
    const size_t matrix_bytes = memory.size() / w.n_matrices, plain_bytes = w.blocks.size() / w.n_matrices;
    for (int64_t i = 0; i < w.n_matrices; ++i)
      kernels.pack(w.dtype, w.blocks.data() + i * plain_bytes, 0, w.rows, w.cols, memory.data() + i * matrix_bytes);
    tensor = {.dtype = w.dtype, .layout = Layout::packed, .shape = {w.rows, w.cols}, .data = memory.data()};
    if (w.n_matrices > 1) tensor.shape = {w.n_matrices, w.rows, w.cols};
  }
  Linear linear(const Floats* bias = nullptr) const { return {tensor, bias ? view(*bias, 1) : Tensor{}}; }
};

// body(context) for every instruction set with one, two and three threads.
inline void for_each_context(const std::function<void(Context&)>& body) {
  for (const KernelTable* kernels : available_kernels())
    for (int n_threads = 1; n_threads <= 3; ++n_threads) {
      SCOPED_TRACE(std::string(kernels->name) + ", " + std::to_string(n_threads) + " threads");
      ThreadPool pool(n_threads);
      Context context{.pool = pool, .kernels = *kernels};
      body(context);
      if (testing::Test::HasFatalFailure()) return;
    }
}

// Whether op(context, x) gives every row the same bits alone, in chunks of 3 and 7, and in the whole batch, with any
// number of threads.
inline void expect_batch_invariant(const Floats& x, int64_t n_rows,
                                   const std::function<Tensor(Context&, const Tensor&)>& op) {
  const int64_t cols = static_cast<int64_t>(x.size()) / n_rows;
  const KernelTable* kernels = nullptr;
  Floats expected;  // of one set, from the first number of threads on
  for_each_context([&](Context& context) {
    const Floats whole = copy(op(context, view(x, n_rows)));
    if (kernels != &context.kernels) expected = whole;
    kernels = &context.kernels;
    ASSERT_EQ(whole, expected) << "the whole batch";
    for (const int64_t chunk : {1, 3, 7}) {
      Floats together;
      for (int64_t row = 0; row < n_rows; row += chunk) {
        const Floats part(x.begin() + row * cols, x.begin() + std::min(row + chunk, n_rows) * cols);
        const Floats out = copy(op(context, view(part, static_cast<int64_t>(part.size()) / cols)));
        together.insert(together.end(), out.begin(), out.end());
      }
      ASSERT_EQ(together, expected) << "chunks of " << chunk;
    }
  });
}

inline void expect_near(const Tensor& got, const std::vector<double>& expected, double tolerance) {
  ASSERT_EQ(got.shape.elements(), static_cast<int64_t>(expected.size()));
  for (size_t i = 0; i < expected.size(); ++i)
    ASSERT_NEAR(got.f32()[i], expected[i], tolerance * (1 + std::abs(expected[i]))) << "element " << i;
}

// x (n, cols) times rows [first, first + rows) of w, in double precision.
inline std::vector<double> product(const std::vector<double>& x, const Weights& w, int64_t first, int64_t rows) {
  const int64_t n = static_cast<int64_t>(x.size()) / w.cols;
  std::vector<double> out(n * rows);
  for (int64_t i = 0; i < n; ++i)
    for (int64_t row = 0; row < rows; ++row)
      for (int64_t k = 0; k < w.cols; ++k) out[i * rows + row] += x[i * w.cols + k] * w.at(first + row, k);
  return out;
}

inline double silu(double x) { return x / (1 + std::exp(-x)); }
inline double gelu(double x) { return 0.5 * x * (1 + std::tanh(std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x))); }

}  // namespace loam::test
