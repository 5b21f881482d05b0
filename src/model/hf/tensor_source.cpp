#include "model/hf/tensor_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <iterator>
#include <utility>

#include "base/error.h"
#include "base/utf8.h"
#include "quant/block_format.h"

namespace loam {
namespace {

constexpr struct {
  std::string_view safetensors;
  DType type;
} kPlainTypes[] = {{"F32", DType::f32}, {"F16", DType::f16}, {"BF16", DType::bf16}};

class StoredSource final : public TensorSource {
 public:
  StoredSource(DType type, const StoredTensor& stored, const Shape& shape)
      : TensorSource(type, shape), stored_(stored) {}

  void read_rows(int64_t begin, int64_t end, std::byte* out) const override {
    std::vector<std::byte> scratch;
    const uint64_t at = static_cast<uint64_t>(begin) * row_bytes(),
                   size = static_cast<uint64_t>(end - begin) * row_bytes();
    std::ranges::copy(stored_.file->bytes(*stored_.info, at, size, scratch), out);
    stored_.file->release(*stored_.info, at, size);
  }
  const StoredTensor* stored() const override { return &stored_; }

 private:
  const StoredTensor stored_;
};

class ReorderedSource final : public TensorSource {
 public:
  ReorderedSource(SourcePtr inner, const Shape& shape, std::function<int64_t(int64_t)> row_of)
      : TensorSource(inner->type(), shape), inner_(std::move(inner)), row_of_(std::move(row_of)) {}

  void read_rows(int64_t begin, int64_t end, std::byte* out) const override {
    for (int64_t next; begin < end; begin = next) {  // runs of neighbours are read at once
      const int64_t first = row_of_(begin);
      for (next = begin + 1; next < end && row_of_(next) == first + next - begin;) ++next;
      inner_->read_rows(first, first + next - begin, out);
      out += static_cast<uint64_t>(next - begin) * row_bytes();
    }
  }

 private:
  const SourcePtr inner_;
  const std::function<int64_t(int64_t)> row_of_;
};

class StackedSource final : public TensorSource {
 public:
  explicit StackedSource(std::vector<SourcePtr> inner)
      : TensorSource(inner[0]->type(), {std::ssize(inner), inner[0]->shape()[0], inner[0]->shape()[1]}),
        inner_(std::move(inner)) {}

  void read_rows(int64_t begin, int64_t end, std::byte* out) const override {
    const int64_t rows = shape()[1];
    for (int64_t next; begin < end; begin = next) {
      const int64_t matrix = begin / rows;
      next = std::min(end, (matrix + 1) * rows);
      inner_[static_cast<size_t>(matrix)]->read_rows(begin - matrix * rows, next - matrix * rows, out);
      out += static_cast<uint64_t>(next - begin) * row_bytes();
    }
  }

 private:
  const std::vector<SourcePtr> inner_;
};

class WidenedSource final : public TensorSource {
 public:
  WidenedSource(SourcePtr inner, const Shape& shape, float added)
      : TensorSource(DType::f32, shape), inner_(std::move(inner)), added_(added) {}

  void read_rows(int64_t begin, int64_t end, std::byte* out) const override {
    const int64_t n = (end - begin) * shape().cols(), inner_cols = inner_->shape().cols();
    const int64_t inner_begin = begin * shape().cols() / inner_cols;
    std::vector<std::byte> rows(static_cast<uint64_t>(n / inner_cols) * inner_->row_bytes());
    std::vector<float> values(static_cast<size_t>(n));
    inner_->read_rows(inner_begin, inner_begin + n / inner_cols, rows.data());
    find_format(inner_->type())->decode(rows.data(), n, values.data());
    for (float& value : values) value += added_;
    std::memcpy(out, values.data(), values.size() * sizeof(float));
  }

 private:
  const SourcePtr inner_;
  const float added_;
};

class TurnedSource final : public TensorSource {
 public:
  TurnedSource(SourcePtr inner, int64_t rows_apart, int64_t n_rows)
      : TensorSource(inner->type(), {inner->shape()[0] / rows_apart, inner->shape()[1], n_rows}),
        inner_(std::move(inner)),
        rows_apart_(rows_apart) {}

  void read_rows(int64_t begin, int64_t end, std::byte* out) const override {
    const auto element = static_cast<size_t>(info(type()).block_bytes);
    const int64_t cols = shape()[1], n_rows = shape()[2];
    std::vector<std::byte> block(static_cast<uint64_t>(n_rows) * inner_->row_bytes());
    for (int64_t row = begin; row < end; ++row) {
      const int64_t first = row / cols * rows_apart_;
      if (row == begin || row % cols == 0) inner_->read_rows(first, first + n_rows, block.data());
      for (int64_t i = 0; i < n_rows; ++i, out += element)
        std::memcpy(out, block.data() + static_cast<size_t>(i * cols + row % cols) * element, element);
    }
  }

 private:
  const SourcePtr inner_;
  const int64_t rows_apart_;
};

template <class T>
class GivenSource final : public TensorSource {
 public:
  GivenSource(DType type, std::vector<T> values)
      : TensorSource(type, {std::ssize(values)}), values_(std::move(values)) {}

  void read_rows(int64_t begin, int64_t end, std::byte* out) const override {
    if (begin < end) std::memcpy(out, values_.data(), values_.size() * sizeof(T));
  }

 private:
  const std::vector<T> values_;
};

}  // namespace

SourcePtr stored_source(const StoredTensor& stored, const std::string& name) {
  return stored_source(stored, name, stored.info->shape);
}

SourcePtr stored_source(const StoredTensor& stored, const std::string& name, const Shape& shape) {
  const std::string& type = stored.info->dtype;
  const auto known = std::ranges::find(kPlainTypes, type, [](const auto& plain) { return plain.safetensors; });
  if (known == std::end(kPlainTypes))
    throw Error(Error::Code::unsupported,
                fmt::format("{}: tensor {} is {}; loam reads F32, F16 and BF16, and F8_E4M3 with scales",
                            escape_control(stored.file->path()), escape_control(name), escape_control(type)),
                "dtype@8");
  return std::make_shared<StoredSource>(known->type, stored, shape);
}

SourcePtr reordered(SourcePtr inner, const Shape& shape, std::function<int64_t(int64_t row)> row_of) {
  return std::make_shared<ReorderedSource>(std::move(inner), shape, std::move(row_of));
}

SourcePtr stacked(std::vector<SourcePtr> inner) { return std::make_shared<StackedSource>(std::move(inner)); }

SourcePtr widened(SourcePtr inner, const Shape& shape, float added) {
  if (added == 0 && inner->type() == DType::f32 && inner->shape() == shape) return inner;
  return std::make_shared<WidenedSource>(std::move(inner), shape, added);
}

SourcePtr turned_blocks(SourcePtr inner, int64_t rows_apart, int64_t n_rows) {
  return std::make_shared<TurnedSource>(std::move(inner), rows_apart, n_rows);
}

SourcePtr given_values(std::vector<float> values) {
  return std::make_shared<GivenSource<float>>(DType::f32, std::move(values));
}

SourcePtr given_values(std::vector<int32_t> values) {
  return std::make_shared<GivenSource<int32_t>>(DType::i32, std::move(values));
}

}  // namespace loam
