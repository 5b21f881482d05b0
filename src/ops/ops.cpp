// The operations that treat each row, or each number, by itself.
#include "ops/ops.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "quant/block_format.h"

namespace loam {
namespace {

// Numbers below which waking the other threads costs more than the work.
constexpr int64_t kSerialElements = 16384;

// body(begin, end) over shares of the rows [0, n_rows), each of `cols` numbers.
template <class F>
void for_rows(ThreadPool& pool, int64_t n_rows, int64_t cols, const F& body) {
  if (n_rows < 2 || n_rows * cols < kSerialElements) return body(int64_t{0}, n_rows);
  pool.run([&](int thread) {
    const auto [begin, end] = ThreadPool::split(n_rows, 1, thread, pool.size());
    body(begin, end);
  });
}

}  // namespace

// Every operation makes its output first.
Tensor Ops::make(int64_t rows, int64_t cols) {
  context_.check_cancelled();
  return {.shape = {rows, cols}, .data = context_.arena.allocate(static_cast<size_t>(rows * cols) * sizeof(float))};
}

Tensor Ops::embed(const Tensor& table, std::span<const int32_t> tokens, float scale) {
  const int64_t n_tokens = static_cast<int64_t>(tokens.size()), cols = table.shape.cols();
  for (const int32_t token : tokens) LOAM_CHECK(token >= 0 && token < table.shape.rows());
  const BlockFormat* format = find_format(table.dtype);
  LOAM_CHECK(table.layout == Layout::packed || format);

  Tensor out = make(n_tokens, cols);
  const size_t row_bytes = bytes_of(table.dtype, cols);
  for_rows(context_.pool, n_tokens, cols, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      if (table.layout == Layout::packed)
        context_.kernels.unpack_row(table.dtype, table.data, tokens[i], cols, out.row(i));
      else
        format->decode(static_cast<const std::byte*>(table.data) + tokens[i] * row_bytes, cols, out.row(i));
      if (scale != 1) context_.kernels.scale(out.row(i), scale, cols);
    }
  });
  return out;
}

Tensor Ops::rms_norm(const Tensor& x, const Tensor& weight, float epsilon) {
  const int64_t cols = x.shape.cols();
  LOAM_CHECK(!weight || weight.shape.cols() == cols);
  Tensor out = make(x.shape.rows(), cols);
  for_rows(context_.pool, x.shape.rows(), cols, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) context_.kernels.rms_norm(x.row(i), weight.f32(), cols, epsilon, out.row(i));
  });
  return out;
}

void Ops::head_norm(Tensor& x, const Tensor& weight, float epsilon) {
  const int64_t cols = x.shape.cols(), head_dim = weight.shape.cols();
  LOAM_CHECK(cols % head_dim == 0);
  for_rows(context_.pool, x.shape.rows(), cols, [&](int64_t begin, int64_t end) {
    for (float* head = x.row(begin); head < x.row(end); head += head_dim)
      context_.kernels.rms_norm(head, weight.f32(), head_dim, epsilon, head);
  });
}

void Ops::rope(Tensor& x, int head_dim, std::span<const int32_t> positions, const Rope& rope) {
  const int64_t n_tokens = x.shape.rows(), cols = x.shape.cols();
  const int64_t n_frequencies = rope.n_rotated / 2;
  LOAM_CHECK(cols % head_dim == 0 && rope.n_rotated <= head_dim && rope.n_rotated % 2 == 0);
  LOAM_CHECK(static_cast<int64_t>(positions.size()) == n_tokens);
  LOAM_CHECK(static_cast<int64_t>(rope.inverse_frequencies.size()) == n_frequencies);

  const RopeTables::Table& table = context_.rope_tables.find(positions, rope, context_.pool);
  for_rows(context_.pool, n_tokens, cols, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      for (float* head = x.row(i); head < x.row(i + 1); head += head_dim)
        context_.kernels.rope(head, table.cos.data() + i * n_frequencies, table.sin.data() + i * n_frequencies,
                              rope.n_rotated, rope.adjacent);
  });
}

void Ops::add(Tensor& x, const Tensor& y) {
  LOAM_CHECK(x.shape == y.shape);
  const int64_t cols = x.shape.cols();
  for_rows(context_.pool, x.shape.rows(), cols,
           [&](int64_t begin, int64_t end) { context_.kernels.add(x.row(begin), y.row(begin), (end - begin) * cols); });
}

void Ops::scale(Tensor& x, float factor) {
  const int64_t cols = x.shape.cols();
  for_rows(context_.pool, x.shape.rows(), cols,
           [&](int64_t begin, int64_t end) { context_.kernels.scale(x.row(begin), factor, (end - begin) * cols); });
}

void Ops::softcap(Tensor& x, float cap) {
  const int64_t cols = x.shape.cols();
  for_rows(context_.pool, x.shape.rows(), cols,
           [&](int64_t begin, int64_t end) { context_.kernels.softcap(x.row(begin), cap, (end - begin) * cols); });
}

Tensor Ops::rows(const Tensor& x, std::span<const int32_t> rows) {
  const int64_t cols = x.shape.cols();
  Tensor out = make(static_cast<int64_t>(rows.size()), cols);
  for (size_t i = 0; i < rows.size(); ++i) {
    LOAM_CHECK(rows[i] >= 0 && rows[i] < x.shape.rows());
    std::memcpy(out.row(static_cast<int64_t>(i)), x.row(rows[i]), static_cast<size_t>(cols) * sizeof(float));
  }
  return out;
}

}  // namespace loam
