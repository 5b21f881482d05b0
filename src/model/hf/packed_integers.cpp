#include "model/hf/packed_integers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/utf8.h"
#include "quant/block_format.h"
#include "quant/half.h"
#include "quant/q4_0.h"
#include "quant/q5_0.h"
#include "quant/q8_0.h"

namespace loam {
namespace {

constexpr int64_t kBlock = 32;  // of the formats that the weights become
constexpr int kWordBits = 32;
// AWQ's order of the integers of one word.
constexpr std::array<int, 8> kAwqOrder = {0, 4, 1, 5, 2, 6, 3, 7};

[[noreturn]] void refuse(const std::string& module, const std::string& what) {
  throw Error(Error::Code::model_invalid, fmt::format("{}: {}", escape_control(module), what), "shape@8");
}

std::vector<std::byte> read_all(const StoredTensor& tensor) {
  std::vector<std::byte> scratch;
  const auto bytes = tensor.file->bytes(*tensor.info, 0, tensor.info->bytes, scratch);
  return {bytes.begin(), bytes.end()};
}

std::vector<int32_t> read_integers(const StoredTensor& tensor, const std::string& module) {
  if (tensor.info->dtype != "I32") refuse(module, fmt::format("integers are {}; expected I32", tensor.info->dtype));
  const std::vector<std::byte> bytes = read_all(tensor);
  std::vector<int32_t> values(bytes.size() / sizeof(int32_t));
  std::memcpy(values.data(), bytes.data(), values.size() * sizeof(int32_t));
  return values;
}

class PackedIntegers {
 public:
  PackedIntegers(const HfParameters& parameters, const HfQuantization& quantization, std::string module)
      : module_(std::move(module)),
        awq_(quantization.method == HfQuantization::Method::awq),
        bits_(quantization.bits),
        in_word_(kWordBits / std::max(1, quantization.bits)),
        weights_(find(parameters, "qweight")) {
    if (bits_ != 4 && bits_ != 8)
      throw Error(Error::Code::unsupported,
                  fmt::format("{} has integers of {} bits; loam reads 4 and 8", escape_control(module_), bits_),
                  "config.json");
    if (awq_ && bits_ != 4)
      throw Error(Error::Code::unsupported, fmt::format("AWQ of {} bits; loam reads 4", bits_), "config.json");
    read_shape();
    read_scales(find(parameters, "scales"));
    read_zeros(find(parameters, "qzeros"), quantization.zero_is_stored ? 0 : 1);
    read_groups(parameters);
  }

  int64_t rows() const { return rows_; }
  int64_t cols() const { return cols_; }
  float scale(int64_t row, int64_t group) const { return scales_[static_cast<size_t>(group * rows_ + row)]; }
  int zero(int64_t row, int64_t group) const { return zeros_[static_cast<size_t>(group * rows_ + row)]; }
  int64_t group_of(int64_t col) const { return groups_[static_cast<size_t>(col)]; }

  DType fitting_type() const {
    if (cols_ % kBlock != 0 || mixes_groups() || !scales_fit_f16()) return DType::f32;
    const auto range = std::ranges::minmax(zeros_);
    const int most = (1 << bits_) - 1;  // of an integer
    const auto fits = [&](int low, int high) { return -range.max >= low && most - range.min <= high; };
    return fits(-8, 7) ? DType::q4_0 : fits(-16, 15) ? DType::q5_0 : fits(-128, 127) ? DType::q8_0 : DType::f32;
  }

  // Integers less their zeros, of rows [begin, end) → [end − begin][cols].
  std::vector<int> differences(int64_t begin, int64_t end) const {
    std::vector<int> out(static_cast<size_t>((end - begin) * cols_));
    std::vector<std::byte> scratch;
    const auto put = [&](int64_t row, int64_t col, uint32_t word, int place) {
      const auto value = static_cast<int>(word >> (place * bits_) & ((1u << bits_) - 1));
      out[static_cast<size_t>((row - begin) * cols_ + col)] = value - zero(row, group_of(col));
    };
    const int64_t words = weights_.info->shape[1];
    const int64_t first = awq_ ? begin / in_word_ : begin, last = awq_ ? (end + in_word_ - 1) / in_word_ : end;
    for (int64_t line = 0; line < weights_.info->shape[0]; ++line) {
      const auto bytes =
          weights_.file->bytes(*weights_.info, static_cast<uint64_t>(line * words + first) * sizeof(uint32_t),
                               static_cast<uint64_t>(last - first) * sizeof(uint32_t), scratch);
      for (int64_t w = first; w < last; ++w) {
        uint32_t word = 0;
        std::memcpy(&word, bytes.data() + static_cast<size_t>(w - first) * sizeof word, sizeof word);
        for (int i = 0; i < in_word_; ++i) {
          const int64_t row = awq_ ? w * in_word_ + i : w, col = awq_ ? line : line * in_word_ + i;
          if (row >= begin && row < end) put(row, col, word, awq_ ? kAwqOrder[static_cast<size_t>(i)] : i);
        }
      }
    }
    return out;
  }

 private:
  const StoredTensor& find(const HfParameters& parameters, const char* name) const {
    const auto found = parameters.find(name);
    if (found == parameters.end()) refuse(module_, fmt::format("has no {}", name));
    if (found->second.info->shape.rank() > 2) refuse(module_, fmt::format("{} has more than two dimensions", name));
    return found->second;
  }

  // GPTQ packs input features, AWQ output features.
  void read_shape() {
    const Shape& shape = weights_.info->shape;
    if (weights_.info->dtype != "I32" || shape.rank() != 2) refuse(module_, "qweight is no matrix of I32");
    cols_ = awq_ ? shape[0] : shape[0] * in_word_;
    rows_ = awq_ ? shape[1] * in_word_ : shape[1];
  }

  void read_scales(const StoredTensor& tensor) {
    const SourcePtr source = stored_source(tensor, module_);
    if (source->shape().rank() != 2 || source->shape()[1] != rows_)
      refuse(module_, fmt::format("scales have shape {} for {} outputs", source->shape().text(), rows_));
    n_groups_ = source->shape()[0];
    const SourcePtr whole = widened(source, source->shape());
    scales_.resize(static_cast<size_t>(n_groups_ * rows_));
    whole->read_rows(0, n_groups_, reinterpret_cast<std::byte*>(scales_.data()));
  }

  void read_zeros(const StoredTensor& tensor, int added) {
    const std::vector<int32_t> words = read_integers(tensor, module_);
    const int64_t line = (rows_ + in_word_ - 1) / in_word_;
    if (std::ssize(words) != n_groups_ * line)
      refuse(module_, fmt::format("qzeros have shape {} for {} groups of {} outputs", tensor.info->shape.text(),
                                  n_groups_, rows_));
    zeros_.resize(static_cast<size_t>(n_groups_ * rows_));
    for (int64_t group = 0; group < n_groups_; ++group)
      for (int64_t row = 0; row < rows_; ++row) {
        const auto word = static_cast<uint32_t>(words[static_cast<size_t>(group * line + row / in_word_)]);
        const auto within = static_cast<size_t>(row % in_word_);
        const int place = awq_ ? kAwqOrder[within] : static_cast<int>(within);
        const auto zero = static_cast<int>(word >> (place * bits_) & ((1u << bits_) - 1));
        zeros_[static_cast<size_t>(group * rows_ + row)] = zero + added;
      }
  }

  void read_groups(const HfParameters& parameters) {
    groups_.resize(static_cast<size_t>(cols_));
    const auto own = parameters.find("g_idx");
    if (own == parameters.end()) {
      if (cols_ % n_groups_ != 0) refuse(module_, fmt::format("{} inputs make no {} equal groups", cols_, n_groups_));
      for (int64_t col = 0; col < cols_; ++col)
        groups_[static_cast<size_t>(col)] = static_cast<int32_t>(col / (cols_ / n_groups_));
      return;
    }
    const std::vector<int32_t> given = read_integers(own->second, module_);
    if (given.size() != groups_.size())
      refuse(module_, fmt::format("g_idx has {} values for {} inputs", given.size(), cols_));
    for (const int32_t group : given)
      if (group < 0 || group >= n_groups_) refuse(module_, fmt::format("g_idx names group {} of {}", group, n_groups_));
    groups_ = given;
  }

  bool mixes_groups() const {
    for (size_t col = 0; col < groups_.size(); ++col)
      if (groups_[col] != groups_[col - col % static_cast<size_t>(kBlock)]) return true;
    return false;
  }
  bool scales_fit_f16() const {
    return std::ranges::all_of(scales_, [](float scale) { return f16_to_f32(f32_to_f16(scale)) == scale; });
  }

  const std::string module_;
  const bool awq_;
  const int bits_, in_word_;
  const StoredTensor weights_;
  int64_t rows_ = 0, cols_ = 0, n_groups_ = 0;
  std::vector<float> scales_;    // [n_groups][rows]
  std::vector<int> zeros_;       // [n_groups][rows]
  std::vector<int32_t> groups_;  // [cols]
};

// Writes one block of differences in the integers of a format.
void write_block(const int* x, float scale, BlockQ4_0& block) {
  block.d = f32_to_f16(scale);
  for (size_t i = 0; i < 16; ++i) block.nibbles[i] = static_cast<uint8_t>((x[i] + 8) | (x[i + 16] + 8) << 4);
}

void write_block(const int* x, float scale, BlockQ5_0& block) {
  uint32_t high = 0;
  block.d = f32_to_f16(scale);
  for (size_t i = 0; i < 16; ++i) {
    const auto low = static_cast<uint32_t>(x[i] + 16), up = static_cast<uint32_t>(x[i + 16] + 16);
    block.nibbles[i] = static_cast<uint8_t>((low & 15) | (up & 15) << 4);
    high |= (low >> 4) << i | (up >> 4) << (i + 16);
  }
  std::memcpy(block.high_bits, &high, sizeof high);
}

void write_block(const int* x, float scale, BlockQ8_0& block) {
  block.d = f32_to_f16(scale);
  for (size_t i = 0; i < 32; ++i) block.q[i] = static_cast<int8_t>(x[i]);
}

class PackedSource final : public TensorSource {
 public:
  PackedSource(std::shared_ptr<const PackedIntegers> packed, DType type)
      : TensorSource(type, {packed->rows(), packed->cols()}), packed_(std::move(packed)) {}

  void read_rows(int64_t begin, int64_t end, std::byte* out) const override {
    const std::vector<int> differences = packed_->differences(begin, end);
    for (int64_t row = begin; row < end; ++row, out += row_bytes()) {
      const int* x = differences.data() + (row - begin) * packed_->cols();
      switch (type()) {
        case DType::q4_0: write_blocks<BlockQ4_0>(x, row, out); break;
        case DType::q5_0: write_blocks<BlockQ5_0>(x, row, out); break;
        case DType::q8_0: write_blocks<BlockQ8_0>(x, row, out); break;
        default: write_values(x, row, out);
      }
    }
  }

 private:
  template <class Block>
  void write_blocks(const int* x, int64_t row, std::byte* out) const {
    for (int64_t col = 0; col < packed_->cols(); col += kBlock, out += sizeof(Block)) {
      Block block;
      write_block(x + col, packed_->scale(row, packed_->group_of(col)), block);
      std::memcpy(out, &block, sizeof block);
    }
  }

  void write_values(const int* x, int64_t row, std::byte* out) const {
    for (int64_t col = 0; col < packed_->cols(); ++col, out += sizeof(float)) {
      const float value = packed_->scale(row, packed_->group_of(col)) * static_cast<float>(x[col]);
      std::memcpy(out, &value, sizeof value);
    }
  }

  const std::shared_ptr<const PackedIntegers> packed_;
};

}  // namespace

SourcePtr packed_integers(const HfParameters& parameters, const HfQuantization& quantization,
                          const std::string& module) {
  auto packed = std::make_shared<const PackedIntegers>(parameters, quantization, module);
  const DType type = packed->fitting_type();
  return std::make_shared<PackedSource>(std::move(packed), type);
}

}  // namespace loam
