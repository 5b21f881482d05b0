#include "ops/context.h"

#include <algorithm>
#include <cmath>

#include "base/error.h"
#include "ops/ops.h"

namespace loam {
namespace {

constexpr size_t kAlignment = 64;
// Pages that are never touched take no memory, so a roomy block costs nothing and wastes little at its end.
constexpr size_t kBlockBytes = size_t{16} << 20;

}  // namespace

void* Arena::allocate(size_t bytes) {
  bytes = (bytes + kAlignment - 1) / kAlignment * kAlignment;
  while (block_ < blocks_.size() && bytes > blocks_[block_].size() - used_) {
    ++block_;
    used_ = 0;
  }
  if (block_ == blocks_.size()) blocks_.emplace_back(std::max(bytes, kBlockBytes));
  void* memory = blocks_[block_].data() + used_;
  used_ += bytes;
  return memory;
}

void Arena::reset() { block_ = used_ = 0; }

size_t Arena::reserved() const {
  size_t bytes = 0;
  for (const Buffer& block : blocks_) bytes += block.size();
  return bytes;
}

namespace {

void fill(RopeTables::Table& table, ThreadPool& pool) {
  const size_t n_frequencies = table.inverse_frequencies.size();
  table.cos.resize(table.positions.size() * n_frequencies);
  table.sin.resize(table.cos.size());
  const auto fill_rows = [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row)
      for (size_t i = 0; i < n_frequencies; ++i) {
        const double angle = double{table.inverse_frequencies[i]} * table.positions[row];
        table.cos[row * n_frequencies + i] = static_cast<float>(std::cos(angle) * table.attention_factor);
        table.sin[row * n_frequencies + i] = static_cast<float>(std::sin(angle) * table.attention_factor);
      }
  };
  const int64_t n_rows = static_cast<int64_t>(table.positions.size());
  if (n_rows == 1) return fill_rows(0, 1);
  pool.run([&](int thread) {
    const auto [begin, end] = ThreadPool::split(n_rows, 1, thread, pool.size());
    fill_rows(begin, end);
  });
}

}  // namespace

const RopeTables::Table& RopeTables::find(std::span<const int32_t> positions, const Rope& rope, ThreadPool& pool) {
  for (const Table& table : tables_)
    if (std::ranges::equal(table.positions, positions) && table.attention_factor == rope.attention_factor &&
        table.inverse_frequencies == rope.inverse_frequencies)
      return table;
  Table& table = tables_[oldest_];
  oldest_ = (oldest_ + 1) % static_cast<int>(tables_.size());
  table.positions.assign(positions.begin(), positions.end());
  table.inverse_frequencies = rope.inverse_frequencies;
  table.attention_factor = rope.attention_factor;
  fill(table, pool);
  return table;
}

bool Context::stopping() {
  if (!stopped.load(std::memory_order_relaxed) && cancelled && cancelled())
    stopped.store(true, std::memory_order_relaxed);
  return stopped.load(std::memory_order_relaxed);
}

void Context::check_cancelled() {
  if (!stopping()) return;
  stopped.store(false, std::memory_order_relaxed);
  throw Error(Error::Code::cancelled, "the step was cancelled");
}

std::optional<int64_t> WorkQueue::take() {
  if (context_.stopping()) return std::nullopt;
  const int64_t piece = next_.fetch_add(1, std::memory_order_relaxed);
  return piece < n_pieces_ ? std::optional(piece) : std::nullopt;
}

}  // namespace loam
