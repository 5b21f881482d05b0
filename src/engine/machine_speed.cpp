#include "engine/machine_speed.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include "ops/products.h"

namespace loam {
namespace {

// More than any cache holds, so that every run reads from memory.
constexpr int64_t kReadBytes = int64_t{128} << 20;
constexpr int kReadRuns = 4, kMultiplyRuns = 8;
constexpr int64_t kCols = 2048;
constexpr int64_t kBatchRows = 1024, kBatchTokens = 64;  // weights and activations stay in the caches

double seconds_of(const auto& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Products of one matrix, as a layer runs them.
class Product {
 public:
  Product(const KernelTable& kernels, ThreadPool& pool, DType dtype, int64_t rows, int64_t n_tokens)
      : run_{.pool = pool, .kernels = kernels, .arena = {}},
        linear_{.weight = {dtype, Layout::packed, {rows, kCols}, nullptr}, .bias = {}},
        weights_(packed_bytes(kernels, dtype, rows, kCols)),
        x_(static_cast<size_t>(n_tokens * kCols)) {
    linear_.weight.data = weights_.data();
    // The pages that a thread reads are touched first by some thread: without that all would be one page of zeros.
    pool.run([&](int thread) {
      const auto [begin, end] = ThreadPool::split(static_cast<int64_t>(weights_.size()), 64, thread, pool.size());
      std::fill(weights_.data() + begin, weights_.data() + end, std::byte{0});
    });
  }

  // The least seconds of a run.
  double best_of(int n_runs) {
    const Tensor x{DType::f32, Layout::plain, {static_cast<int64_t>(x_.size()) / kCols, kCols}, x_.data()};
    double best = seconds_of([&] { multiply(x); });
    for (int i = 1; i < n_runs; ++i) best = std::min(best, seconds_of([&] { multiply(x); }));
    return best;
  }
  size_t bytes() const { return weights_.size(); }

 private:
  void multiply(const Tensor& x) {
    run_.arena.reset();
    Ops(run_).linear(x, linear_);
  }

  Context run_;
  Linear linear_;
  Buffer weights_;
  std::vector<float> x_;
};

}  // namespace

MachineSpeed measure_machine(const KernelTable& kernels, ThreadPool& pool) {
  Product single(kernels, pool, DType::q8_0, kReadBytes / kCols, 1);
  Product batch(kernels, pool, DType::q4_k, kBatchRows, kBatchTokens);
  return {.read_gb_per_s = 1e-9 * static_cast<double>(single.bytes()) / single.best_of(kReadRuns),
          .int8_gops = 2e-9 * kBatchRows * kCols * kBatchTokens / batch.best_of(kMultiplyRuns)};
}

}  // namespace loam
