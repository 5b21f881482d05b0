// Speed of attention to a long cache, as generating one token and reading a prompt see it: each set and type of cache,
// with the heads of a 1.5 B model (2 heads of keys and values, 6 query heads to each, 128 features).
//   cmake --preset release -DLOAM_BENCH=ON && ninja -C build/release attention_bench
//   build/release/attention_bench --benchmark_filter='avx2/F16'
// One thread; GB/s are of keys and values read, GFLOPS count a multiplication and an addition each, both of the fastest
// run.
#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "kernels/kernel_table.h"
#include "tensor/tensor.h"

namespace loam {
namespace {

constexpr int kHeadDim = 128, kGroup = 6, kKvHeads = 2;
constexpr int kDepth = 4096, kPages = kDepth / kPageTokens;
constexpr int kLayers = 28;  // more than the caches hold

struct Case {
  const KernelTable& kernels;
  DType type;
  int n_tokens;  // that ask
};

// Pages as KvCache lays them out: [page][layer]: keys [kv_head], values [kv_head].
struct Cache {
  explicit Cache(DType type)
      : row_bytes(static_cast<int64_t>(bytes_of(type, kHeadDim))), memory(kPages * page_stride()) {
    std::fill_n(memory.data(), memory.size(), std::byte{0});
    for (int i = 0; i < kPages; ++i) table.push_back(i * 37 % kPages);
  }
  int64_t head_bytes() const { return row_bytes * kPageTokens; }
  int64_t page_stride() const { return kLayers * 2 * kKvHeads * head_bytes(); }
  const std::byte* keys(int layer, int head) const {
    return memory.data() + (layer * 2 * kKvHeads + head) * head_bytes();
  }
  const std::byte* values(int layer, int head) const { return keys(layer, head) + kKvHeads * head_bytes(); }

  int64_t row_bytes;
  Buffer memory;
  std::vector<int32_t> table;
};

void attend(benchmark::State& state, const Case& c) {
  using Clock = std::chrono::steady_clock;
  const Cache cache(c.type);
  const int n = c.n_tokens * kGroup;
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  std::vector<float> q(n * kHeadDim), out(n * kHeadDim);
  for (float& x : q) x = normal(random);
  std::vector<const float*> q_rows;
  std::vector<float*> out_rows;
  std::vector<int32_t> positions;
  for (int i = 0; i < n; ++i) {
    q_rows.push_back(&q[i * kHeadDim]);
    out_rows.push_back(&out[i * kHeadDim]);
    positions.push_back(kDepth - c.n_tokens + i / kGroup);
  }
  std::vector<float> scratch(attention_scratch_floats(n, kHeadDim, kHeadDim));
  std::vector<float> total(attention_state_floats(n, kHeadDim)), chunk(total.size());
  double fastest = std::numeric_limits<double>::infinity();
  int turn = 0;
  for (auto _ : state) {
    const int layer = turn / kKvHeads % kLayers, head = turn % kKvHeads;
    ++turn;
    const auto begin = Clock::now();
    for (int first = 0; first < kDepth; first += kAttentionChunk) {
      c.kernels.attention({.q = q_rows.data(),
                           .positions = positions.data(),
                           .n_queries = n,
                           .chunk_begin = first,
                           .pages = cache.table.data(),
                           .k_pages = cache.keys(layer, head),
                           .v_pages = cache.values(layer, head),
                           .page_stride = cache.page_stride(),
                           .k_row_bytes = cache.row_bytes,
                           .v_row_bytes = cache.row_bytes,
                           .k_type = c.type,
                           .v_type = c.type,
                           .head_dim = kHeadDim,
                           .value_dim = kHeadDim,
                           .window = 0,
                           .chunked = false,
                           .scale = 1 / std::sqrt(static_cast<float>(kHeadDim)),
                           .softcap = 0,
                           .slopes = nullptr,
                           .scratch = scratch.data(),
                           .state = first == 0 ? total.data() : chunk.data()});
      if (first > 0) c.kernels.merge_attention(n, kHeadDim, chunk.data(), total.data());
    }
    c.kernels.finish_attention(n, kHeadDim, nullptr, total.data(), out_rows.data());
    fastest = std::min(fastest, std::chrono::duration<double>(Clock::now() - begin).count());
  }
  state.counters["us"] = 1e6 * fastest;
  state.counters["GB/s"] = 2e-9 * static_cast<double>(cache.row_bytes) * kDepth / fastest;
  state.counters["GFLOPS"] = 4e-9 * n * kHeadDim * kDepth / fastest;
}

void register_all() {
  for (const KernelTable* kernels : available_kernels())
    for (const DType type : {DType::f32, DType::f16, DType::bf16, DType::q8_0, DType::q4_0})
      for (const int n_tokens : {1, 10}) {
        const std::string name = std::string(kernels->name) + "/" + std::string(loam::name(type)) + "/";
        benchmark::RegisterBenchmark((name + std::to_string(n_tokens)).c_str(), attend, Case{*kernels, type, n_tokens})
            ->UseRealTime();
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
