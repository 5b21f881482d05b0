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

// What a norm's weight or bias has for features [at, at + head_dim) of a row; null where it is empty.
const float* of_head(const Tensor& weight, int64_t at) {
  return weight ? weight.f32() + at % weight.shape.elements() : nullptr;
}

// Whether heads share it or it has a row for each.
bool fits_heads(const Tensor& weight, int64_t cols, int64_t head_dim) {
  return !weight || weight.shape.elements() == head_dim || weight.shape.elements() == cols;
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

Tensor Ops::layer_norm(const Tensor& x, const Tensor& weight, const Tensor& bias, float epsilon) {
  const int64_t cols = x.shape.cols();
  LOAM_CHECK((!weight || weight.shape.cols() == cols) && (!bias || bias.shape.cols() == cols));
  Tensor out = make(x.shape.rows(), cols);
  for_rows(context_.pool, x.shape.rows(), cols, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      context_.kernels.layer_norm(x.row(i), weight.f32(), bias.f32(), cols, epsilon, out.row(i));
  });
  return out;
}

void Ops::head_norm(Tensor& x, const Tensor& weight, int64_t head_dim, float epsilon) {
  const int64_t cols = x.shape.cols();
  LOAM_CHECK(cols % head_dim == 0 && fits_heads(weight, cols, head_dim));
  for_rows(context_.pool, x.shape.rows(), cols, [&](int64_t begin, int64_t end) {
    for (int64_t at = begin * cols; at < end * cols; at += head_dim)
      context_.kernels.rms_norm(x.f32() + at, of_head(weight, at), head_dim, epsilon, x.f32() + at);
  });
}

void Ops::head_layer_norm(Tensor& x, const Tensor& weight, const Tensor& bias, int64_t head_dim, float epsilon) {
  const int64_t cols = x.shape.cols();
  LOAM_CHECK(cols % head_dim == 0 && fits_heads(weight, cols, head_dim) && fits_heads(bias, cols, head_dim));
  for_rows(context_.pool, x.shape.rows(), cols, [&](int64_t begin, int64_t end) {
    for (int64_t at = begin * cols; at < end * cols; at += head_dim)
      context_.kernels.layer_norm(x.f32() + at, of_head(weight, at), of_head(bias, at), head_dim, epsilon,
                                  x.f32() + at);
  });
}

Tensor Ops::activate(const Tensor& x, const Tensor& y, const Activation& f) {
  const int64_t cols = x.shape.cols();
  LOAM_CHECK(!y || y.shape == x.shape);
  Tensor out = make(x.shape.rows(), cols);
  for_rows(context_.pool, x.shape.rows(), cols, [&](int64_t begin, int64_t end) {
    context_.kernels.activate(f, x.row(begin), y ? y.row(begin) : nullptr, (end - begin) * cols, out.row(begin));
  });
  return out;
}

void Ops::multiply(Tensor& x, const Tensor& y) {
  const int64_t cols = x.shape.cols();
  if (y.shape.cols() == 1 && cols > 1) return scale_rows(x, {y.f32(), static_cast<size_t>(y.shape.rows())});
  LOAM_CHECK(x.shape == y.shape);
  for_rows(context_.pool, x.shape.rows(), cols, [&](int64_t begin, int64_t end) {
    context_.kernels.multiply(x.row(begin), y.row(begin), (end - begin) * cols);
  });
}

void Ops::divide(Tensor& x, const Tensor& features) {
  const int64_t cols = x.shape.cols();
  LOAM_CHECK(features.shape.elements() == cols);
  for_rows(context_.pool, x.shape.rows(), cols, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      for (int64_t j = 0; j < cols; ++j) x.row(i)[j] /= features.f32()[j];
  });
}

void Ops::multiply_rows(Tensor& x, const Tensor& features) {
  const int64_t cols = x.shape.cols();
  LOAM_CHECK(features.shape.elements() == cols);
  for_rows(context_.pool, x.shape.rows(), cols, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i)
      for (int64_t j = 0; j < cols; ++j) x.row(i)[j] *= features.f32()[j];
  });
}

void Ops::scale_rows(Tensor& x, std::span<const float> factors) {
  const int64_t cols = x.shape.cols();
  LOAM_CHECK(std::ssize(factors) == x.shape.rows());
  for_rows(context_.pool, x.shape.rows(), cols, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) context_.kernels.scale(x.row(i), factors[static_cast<size_t>(i)], cols);
  });
}

void Ops::clamp(Tensor& x, float limit) {
  const int64_t cols = x.shape.cols();
  for_rows(context_.pool, x.shape.rows(), cols, [&](int64_t begin, int64_t end) {
    for (float* at = x.row(begin); at < x.row(end); ++at) *at = std::min(std::max(*at, -limit), limit);
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

void Ops::add_to_rows(Tensor& x, const Tensor& y) {
  const int64_t cols = x.shape.cols();
  LOAM_CHECK(y.shape.elements() == cols);
  for_rows(context_.pool, x.shape.rows(), cols, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) context_.kernels.add(x.row(i), y.f32(), cols);
  });
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

Tensor Ops::head_part(const Tensor& x, int64_t head_dim, int64_t first, int64_t n) {
  const int64_t cols = x.shape.cols(), n_heads = cols / head_dim;
  LOAM_CHECK(cols % head_dim == 0 && first >= 0 && first + n <= head_dim);
  Tensor out = make(x.shape.rows(), n_heads * n);
  for_rows(context_.pool, x.shape.rows(), cols, [&](int64_t begin, int64_t end) {
    for (int64_t head = begin * n_heads; head < end * n_heads; ++head)
      std::memcpy(out.f32() + head * n, x.f32() + head * head_dim + first, static_cast<size_t>(n) * sizeof(float));
  });
  return out;
}

Tensor Ops::join_heads(const Tensor& a, int64_t a_dim, const Tensor& b, int64_t b_dim) {
  const int64_t n_heads = a.shape.cols() / a_dim, n_b = b.shape.cols() / b_dim, cols = n_heads * (a_dim + b_dim);
  LOAM_CHECK(a.shape.cols() % a_dim == 0 && b.shape.cols() % b_dim == 0 && (n_b == 1 || n_b == n_heads));
  LOAM_CHECK(a.shape.rows() == b.shape.rows());
  Tensor out = make(a.shape.rows(), cols);
  for_rows(context_.pool, a.shape.rows(), cols, [&](int64_t begin, int64_t end) {
    for (int64_t row = begin; row < end; ++row)
      for (int64_t head = 0; head < n_heads; ++head) {
        float* to = out.row(row) + head * (a_dim + b_dim);
        std::memcpy(to, a.row(row) + head * a_dim, static_cast<size_t>(a_dim) * sizeof(float));
        std::memcpy(to + a_dim, b.row(row) + (n_b == 1 ? 0 : head * b_dim), static_cast<size_t>(b_dim) * sizeof(float));
      }
  });
  return out;
}

}  // namespace loam
