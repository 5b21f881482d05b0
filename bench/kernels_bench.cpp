// Speed of packing and of the packed matrix product: each format, set that this CPU has, shape and number of tokens.
//   cmake --preset release -DLOAM_BENCH=ON && ninja -C build/release kernels_bench
//   build/release/kernels_bench --benchmark_filter='avx2/Q4_K'
// GB/s are of packed weights read (or plain weights packed), GOPS count a multiplication and an addition each, both of
// the fastest run.
// LOAM_BENCH_THREADS sets the number of threads, 1 unless given.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "base/thread_pool.h"
#include "kernels/kernel_table.h"
#include "tensor/tensor.h"

namespace loam {
namespace {

// All that have a matrix product, in the order of their numbers.
std::vector<DType> matmul_types() {
  std::vector<DType> types;
  for (uint32_t number = 0; number < 64; ++number)
    if (const DTypeInfo* type = find_dtype(number); type && has_matmul(type->type)) types.push_back(type->type);
  return types;
}

struct Case {
  const KernelTable& kernels;
  DType type;
  int64_t rows, cols, n_tokens;
};

ThreadPool& pool() {
  const char* given = std::getenv("LOAM_BENCH_THREADS");
  static ThreadPool threads(given ? std::max(1, std::atoi(given)) : 1);
  return threads;
}

// Runs `work` on all threads as often as asked, and returns the fastest run in seconds: other programs on the machine
// only ever slow a run down.
template <class Work>
double fastest_run(benchmark::State& state, Work work) {
  using Clock = std::chrono::steady_clock;
  double fastest = std::numeric_limits<double>::infinity();
  for (auto _ : state) {
    const auto begin = Clock::now();
    pool().run(work);
    fastest = std::min(fastest, std::chrono::duration<double>(Clock::now() - begin).count());
  }
  return fastest;
}

void pack(benchmark::State& state, const Case& c) {
  Buffer source(bytes_of(c.type, c.rows * c.cols)), packed(packed_bytes(c.kernels, c.type, c.rows, c.cols));
  const double seconds = fastest_run(state, [&](int thread) {
    const auto [begin, end] = ThreadPool::split(c.rows, c.kernels.row_group, thread, pool().size());
    c.kernels.pack(c.type, source.data() + bytes_of(c.type, begin * c.cols), begin, end, c.cols, packed.data());
  });
  state.counters["GB/s"] = 1e-9 * static_cast<double>(source.size()) / seconds;
}

std::vector<float> random_floats(int64_t n) {
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  std::vector<float> values(static_cast<size_t>(n));
  for (float& value : values) value = normal(random);
  return values;
}

// The weights are zeros: the kernels have no branch that depends on them.
void multiply(benchmark::State& state, const Case& c) {
  const ActivationKind kind = activation_kind(c.type);
  Buffer packed(packed_bytes(c.kernels, c.type, c.rows, c.cols));
  Buffer x(activation_bytes(c.kernels, kind, c.n_tokens, c.cols));
  const std::vector<float> tokens = random_floats(c.n_tokens * c.cols);
  c.kernels.pack_activations(kind, tokens.data(), c.cols, 0, c.n_tokens, c.n_tokens, c.cols, x.data());
  std::vector<float> out(static_cast<size_t>(c.n_tokens * c.rows));
  const double seconds = fastest_run(state, [&](int thread) {
    const auto [begin, end] = ThreadPool::split(c.rows, 16, thread, pool().size());
    c.kernels.matmul({c.type, packed.data(), c.cols, begin, end, x.data(), c.n_tokens, out.data(), c.rows});
  });
  state.counters["GB/s"] = 1e-9 * static_cast<double>(packed.size()) / seconds;
  const auto n_weights = static_cast<double>(c.rows * c.cols);
  state.counters["file_bits"] = 8.0 * static_cast<double>(bytes_of(c.type, c.rows * c.cols)) / n_weights;
  state.counters["packed_bits"] = 8.0 * static_cast<double>(packed.size()) / n_weights;
  state.counters["GOPS"] = 2e-9 * static_cast<double>(c.rows * c.cols * c.n_tokens) / seconds;
}

void register_all() {
  for (const KernelTable* kernels : available_kernels())
    for (const DType type : matmul_types())
      for (const auto& [rows, cols] : {std::pair<int64_t, int64_t>{8960, 1536}, {1536, 8960}}) {
        const std::string name = std::string(kernels->name) + "/" + std::string(loam::name(type)) + "/" +
                                 std::to_string(rows) + "x" + std::to_string(cols);
        benchmark::RegisterBenchmark((name + "/pack").c_str(), pack, Case{*kernels, type, rows, cols, 0})
            ->UseRealTime();
        for (const int64_t n : {1, 512}) {
          const Case c{*kernels, type, rows, cols, n};
          benchmark::RegisterBenchmark((name + "/" + std::to_string(n)).c_str(), multiply, c)->UseRealTime();
        }
      }
}

}  // namespace
}  // namespace loam

int main(int argc, char** argv) {
  loam::register_all();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
}
