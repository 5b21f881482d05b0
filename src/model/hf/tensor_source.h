// A tensor as a GGUF file would hold it, made row by row of what a Hugging Face folder holds.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "file/safetensors.h"
#include "tensor/tensor.h"

namespace loam {

// The place of a tensor in one of the folder's files, which outlives all sources.
struct StoredTensor {
  const SafetensorsFile* file = nullptr;
  const SafetensorsInfo* info = nullptr;
};

// Safe to read from several threads.
class TensorSource {
 public:
  TensorSource(DType type, const Shape& shape) : type_(type), shape_(shape) {}
  virtual ~TensorSource() = default;

  DType type() const { return type_; }
  const Shape& shape() const { return shape_; }
  uint64_t row_bytes() const { return bytes_of(type_, shape_.cols()); }
  uint64_t bytes() const { return row_bytes() * static_cast<uint64_t>(shape_.rows()); }

  // Rows [begin, end) of shape().rows(), one after another, in the blocks of type().
  virtual void read_rows(int64_t begin, int64_t end, std::byte* out) const = 0;
  // Where the file has these very bytes, so that nothing need be made; else nullptr.
  virtual const StoredTensor* stored() const { return nullptr; }

 private:
  const DType type_;
  const Shape shape_;
};
using SourcePtr = std::shared_ptr<const TensorSource>;

struct NamedSource {
  std::string name;  // GGUF's: "blk.0.attn_q.weight"
  SourcePtr source;
};

// A tensor of type F32, F16 or BF16 as it stands. Error(unsupported, "dtype@8") naming `name` for other types.
SourcePtr stored_source(const StoredTensor& stored, const std::string& name);
// The same numbers in rows of another length.
SourcePtr stored_source(const StoredTensor& stored, const std::string& name, const Shape& shape);
// Row r is the inner source's row `row_of(r)`.
SourcePtr reordered(SourcePtr inner, const Shape& shape, std::function<int64_t(int64_t row)> row_of);
// Equal matrices, one behind the other, as one tensor of one more dimension.
SourcePtr stacked(std::vector<SourcePtr> inner);
// The same numbers as F32, with `added` to each.
SourcePtr widened(SourcePtr inner, const Shape& shape, float added = 0);
// Blocks of `rows_apart` rows of `inner`, of each the first `n_rows` turned: (blocks, cols, n_rows).
SourcePtr turned_blocks(SourcePtr inner, int64_t rows_apart, int64_t n_rows);
// Given numbers, as F32 or I32.
SourcePtr given_values(std::vector<float> values);
SourcePtr given_values(std::vector<int32_t> values);

}  // namespace loam
