#include "model/hf/scaled_fp8.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/utf8.h"
#include "quant/block_format.h"

namespace loam {
namespace {

constexpr float kLargest = 448, kLargestF16 = 65504;  // E4M3's largest number, and F16's

// One sign, four bits of exponent (bias 7), three of mantissa; no infinities.
float value_of_e4m3(uint8_t bits) {
  const int exponent = bits >> 3 & 15, mantissa = bits & 7;
  if (exponent == 15 && mantissa == 7) return std::numeric_limits<float>::quiet_NaN();
  const float magnitude = exponent == 0 ? std::ldexp(static_cast<float>(mantissa), -9)
                                        : std::ldexp(static_cast<float>(8 + mantissa), exponent - 10);
  return bits & 0x80 ? -magnitude : magnitude;
}

std::array<float, 256> make_values() {
  std::array<float, 256> values{};
  for (size_t bits = 0; bits < values.size(); ++bits) values[bits] = value_of_e4m3(static_cast<uint8_t>(bits));
  return values;
}

class ScaledFp8 final : public TensorSource {
 public:
  ScaledFp8(DType type, const StoredTensor& weight, std::vector<float> scales, int64_t scale_cols, int64_t block_rows,
            int64_t block_cols)
      : TensorSource(type, weight.info->shape),
        weight_(weight),
        scales_(std::move(scales)),
        scale_cols_(scale_cols),
        block_rows_(block_rows),
        block_cols_(block_cols) {}

  void read_rows(int64_t begin, int64_t end, std::byte* out) const override {
    static const std::array<float, 256> values = make_values();
    const int64_t cols = shape().cols();
    std::vector<std::byte> scratch;
    const auto at = static_cast<uint64_t>(begin * cols), size = static_cast<uint64_t>((end - begin) * cols);
    const auto stored = weight_.file->bytes(*weight_.info, at, size, scratch);
    std::vector<float> row(static_cast<size_t>(cols));
    for (int64_t r = begin; r < end; ++r, out += row_bytes()) {
      const float* scale = scales_.data() + r / block_rows_ * scale_cols_;
      for (int64_t c = 0; c < cols; ++c)
        row[static_cast<size_t>(c)] =
            values[static_cast<size_t>(stored[static_cast<size_t>((r - begin) * cols + c)])] * scale[c / block_cols_];
      find_format(type())->encode(row.data(), cols, out);
    }
    weight_.file->release(*weight_.info, at, size);
  }

 private:
  const StoredTensor weight_;
  const std::vector<float> scales_;
  const int64_t scale_cols_, block_rows_, block_cols_;
};

}  // namespace

SourcePtr scaled_fp8(const StoredTensor& weight, const StoredTensor& scale, int64_t block_rows, int64_t block_cols,
                     const std::string& module) {
  const Shape& shape = weight.info->shape;
  const auto refuse = [&](const std::string& what) {
    return Error(Error::Code::model_invalid, fmt::format("{}: {}", escape_control(module), what), "shape@8");
  };
  if (shape.rank() != 2) throw refuse("8-bit weights are no matrix");
  const SourcePtr source = stored_source(scale, module, scale.info->shape.rank() == 0 ? Shape{1} : scale.info->shape);
  const Shape& found = source->shape();
  int64_t rows = 1, cols = 1;  // of scales
  if (found.elements() == shape[0] && found.elements() > 1) {
    rows = shape[0];
    block_rows = 1;
    block_cols = shape[1];
  } else if (found.elements() == 1) {
    block_rows = shape[0];
    block_cols = shape[1];
  } else {
    rows = (shape[0] + block_rows - 1) / block_rows;
    cols = (shape[1] + block_cols - 1) / block_cols;
    if (found != Shape{rows, cols})
      throw refuse(fmt::format("scales have shape {}; blocks of {} × {} make {}", found.text(), block_rows, block_cols,
                               Shape{rows, cols}.text()));
  }
  std::vector<float> scales(static_cast<size_t>(found.elements()));
  widened(source, found)->read_rows(0, found.rows(), reinterpret_cast<std::byte*>(scales.data()));
  const bool fits = std::ranges::all_of(scales, [](float s) { return std::abs(s) * kLargest <= kLargestF16; });
  return std::make_shared<ScaledFp8>(fits ? DType::f16 : DType::bf16, weight, std::move(scales), cols, block_rows,
                                     block_cols);
}

}  // namespace loam
