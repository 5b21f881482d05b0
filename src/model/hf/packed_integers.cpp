#include "model/hf/packed_integers.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <numeric>
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

void check_integers(const StoredTensor& tensor, const std::string& module) {
  if (tensor.info->dtype != "I32") refuse(module, fmt::format("integers are {}; expected I32", tensor.info->dtype));
}

// Words [begin, begin + n) of a tensor of I32.
template <class T>
std::vector<T> read_words(const StoredTensor& tensor, int64_t begin, int64_t n, std::vector<std::byte>& scratch) {
  std::vector<T> words(static_cast<size_t>(n));
  const auto bytes = tensor.file->bytes(*tensor.info, static_cast<uint64_t>(begin) * sizeof(T),
                                        static_cast<uint64_t>(n) * sizeof(T), scratch);
  std::memcpy(words.data(), bytes.data(), bytes.size());
  return words;
}

// What some rows share of each group.
struct RowGroups {
  int64_t begin, n;           // rows
  std::vector<float> scales;  // [group][n]
  std::vector<int> zeros;     // [group][n]

  float scale(int64_t row, int64_t group) const { return scales[static_cast<size_t>(group * n + row - begin)]; }
  int zero(int64_t row, int64_t group) const { return zeros[static_cast<size_t>(group * n + row - begin)]; }
};

class PackedIntegers {
 public:
  PackedIntegers(const HfParameters& parameters, const HfQuantization& quantization, std::string module)
      : module_(std::move(module)),
        awq_(quantization.method == HfQuantization::Method::awq),
        bits_(quantization.bits),
        in_word_(kWordBits / std::max(1, quantization.bits)),
        weights_(find(parameters, "qweight")),
        scales_(find(parameters, "scales")),
        zeros_(find(parameters, "qzeros")),
        added_zero_(quantization.zero_is_stored ? 0 : 1) {
    if (bits_ != 4 && bits_ != 8)
      throw Error(Error::Code::unsupported,
                  fmt::format("{} has integers of {} bits; loam reads 4 and 8", escape_control(module_), bits_),
                  "config.json");
    if (awq_ && bits_ != 4)
      throw Error(Error::Code::unsupported, fmt::format("AWQ of {} bits; loam reads 4", bits_), "config.json");
    read_shape();
    check_scales();
    check_zeros();
    read_groups(parameters);
    const RowGroups all = groups_of_rows(0, rows_);
    const auto range = std::ranges::minmax(all.zeros);
    least_zero_ = range.min, most_zero_ = range.max;
    scales_fit_f16_ = std::ranges::all_of(all.scales, [](float s) { return f16_to_f32(f32_to_f16(s)) == s; });
  }

  int64_t rows() const { return rows_; }
  int64_t cols() const { return cols_; }
  int64_t group_of(int64_t col) const { return groups_[static_cast<size_t>(col)]; }
  // Where inputs are sorted: column k has the weights of input order[k]. Else empty.
  const std::vector<int32_t>& input_order() const { return order_; }

  // Whether a block of columns has several scales.
  bool mixes_groups() const {
    for (size_t col = 0; col < groups_.size(); ++col)
      if (groups_[col] != groups_[col - col % static_cast<size_t>(kBlock)]) return true;
    return false;
  }

  // Whether every group has whole blocks of inputs.
  bool sorting_parts_groups() const {
    std::vector<int64_t> sizes(static_cast<size_t>(n_groups_));
    for (const int32_t group : groups_) ++sizes[static_cast<size_t>(group)];
    return std::ranges::all_of(sizes, [](int64_t size) { return size % kBlock == 0; });
  }

  // From now on columns stand in the order of their groups, and within one in that of their inputs.
  void sort_inputs() {
    order_.resize(groups_.size());
    std::iota(order_.begin(), order_.end(), 0);
    std::ranges::stable_sort(order_, {}, [&](int32_t input) { return groups_[static_cast<size_t>(input)]; });
    columns_.resize(order_.size());
    for (size_t col = 0; col < order_.size(); ++col)
      columns_[static_cast<size_t>(order_[col])] = static_cast<int32_t>(col);
    std::ranges::sort(groups_);
  }

  // Of columns that mix no groups.
  DType fitting_type() const {
    if (cols_ % kBlock != 0 || !scales_fit_f16_) return DType::f32;
    const int most = (1 << bits_) - 1;  // of an integer
    const auto fits = [&](int low, int high) { return -most_zero_ >= low && most - least_zero_ <= high; };
    return fits(-8, 7) ? DType::q4_0 : fits(-16, 15) ? DType::q5_0 : fits(-128, 127) ? DType::q8_0 : DType::f32;
  }

  // Of rows [begin, end).
  RowGroups groups_of_rows(int64_t begin, int64_t end) const {
    RowGroups out{.begin = begin, .n = end - begin, .scales = {}, .zeros = {}};
    out.scales.resize(static_cast<size_t>(n_groups_ * out.n));
    out.zeros.resize(out.scales.size());
    std::vector<std::byte> scratch;
    for (int64_t group = 0; group < n_groups_; ++group) {
      const size_t at = static_cast<size_t>(group * out.n);
      read_scales(group, begin, end, out.scales.data() + at, scratch);
      read_zeros(group, begin, end, out.zeros.data() + at, scratch);
    }
    return out;
  }

  // Integers less their zeros, of the rows of `shared` → [rows][cols].
  std::vector<int> differences(const RowGroups& shared) const {
    const int64_t begin = shared.begin, end = begin + shared.n;
    std::vector<int> out(static_cast<size_t>((end - begin) * cols_));
    std::vector<std::byte> scratch;
    const auto put = [&](int64_t row, int64_t input, uint32_t word, int place) {
      const auto value = static_cast<int>(word >> (place * bits_) & ((1u << bits_) - 1));
      const int64_t col = columns_.empty() ? input : columns_[static_cast<size_t>(input)];
      out[static_cast<size_t>((row - begin) * cols_ + col)] = value - shared.zero(row, group_of(col));
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
          const int64_t row = awq_ ? w * in_word_ + i : w, input = awq_ ? line : line * in_word_ + i;
          if (row >= begin && row < end) put(row, input, word, awq_ ? kAwqOrder[static_cast<size_t>(i)] : i);
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

  void check_scales() {
    const SourcePtr source = stored_source(scales_, module_);
    if (source->shape().rank() != 2 || source->shape()[1] != rows_)
      refuse(module_, fmt::format("scales have shape {} for {} outputs", source->shape().text(), rows_));
    scale_type_ = source->type();
    n_groups_ = source->shape()[0];
  }

  void read_scales(int64_t group, int64_t begin, int64_t end, float* out, std::vector<std::byte>& scratch) const {
    const auto bytes = scales_.file->bytes(*scales_.info, bytes_of(scale_type_, group * rows_ + begin),
                                           bytes_of(scale_type_, end - begin), scratch);
    find_format(scale_type_)->decode(bytes.data(), end - begin, out);
  }

  int64_t zero_words() const { return (rows_ + in_word_ - 1) / in_word_; }  // of a group

  void check_zeros() const {
    check_integers(zeros_, module_);
    const Shape& shape = zeros_.info->shape;
    if (shape.rank() == 0 || shape.elements() != n_groups_ * zero_words())
      refuse(module_, fmt::format("qzeros have shape {} for {} groups of {} outputs", shape.text(), n_groups_, rows_));
  }

  void read_zeros(int64_t group, int64_t begin, int64_t end, int* out, std::vector<std::byte>& scratch) const {
    const int64_t first = begin / in_word_, last = (end + in_word_ - 1) / in_word_;
    const auto words = read_words<uint32_t>(zeros_, group * zero_words() + first, last - first, scratch);
    for (int64_t row = begin; row < end; ++row) {
      const auto within = static_cast<size_t>(row % in_word_);
      const int place = awq_ ? kAwqOrder[within] : static_cast<int>(within);
      const uint32_t word = words[static_cast<size_t>(row / in_word_ - first)];
      *out++ = static_cast<int>(word >> (place * bits_) & ((1u << bits_) - 1)) + added_zero_;
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
    check_integers(own->second, module_);
    if (own->second.info->bytes != groups_.size() * sizeof(int32_t))
      refuse(module_, fmt::format("g_idx has shape {} for {} inputs", own->second.info->shape.text(), cols_));
    std::vector<std::byte> scratch;
    const auto given = read_words<int32_t>(own->second, 0, cols_, scratch);
    for (const int32_t group : given)
      if (group < 0 || group >= n_groups_) refuse(module_, fmt::format("g_idx names group {} of {}", group, n_groups_));
    groups_ = given;
  }

  const std::string module_;
  const bool awq_;
  const int bits_, in_word_;
  const StoredTensor weights_, scales_, zeros_;
  const int added_zero_;
  int64_t rows_ = 0, cols_ = 0, n_groups_ = 0;
  DType scale_type_ = DType::f16;
  int least_zero_ = 0, most_zero_ = 0;
  bool scales_fit_f16_ = false;
  std::vector<int32_t> groups_;           // of each column
  std::vector<int32_t> order_, columns_;  // each column's input and each input's column, where they are sorted
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
    const RowGroups shared = packed_->groups_of_rows(begin, end);
    const std::vector<int> differences = packed_->differences(shared);
    for (int64_t row = begin; row < end; ++row, out += row_bytes()) {
      const int* x = differences.data() + (row - begin) * packed_->cols();
      switch (type()) {
        case DType::q4_0: write_blocks<BlockQ4_0>(x, shared, row, out); break;
        case DType::q5_0: write_blocks<BlockQ5_0>(x, shared, row, out); break;
        case DType::q8_0: write_blocks<BlockQ8_0>(x, shared, row, out); break;
        default: write_values(x, shared, row, out);
      }
    }
  }

 private:
  template <class Block>
  void write_blocks(const int* x, const RowGroups& shared, int64_t row, std::byte* out) const {
    for (int64_t col = 0; col < packed_->cols(); col += kBlock, out += sizeof(Block)) {
      Block block;
      write_block(x + col, shared.scale(row, packed_->group_of(col)), block);
      std::memcpy(out, &block, sizeof block);
    }
  }

  void write_values(const int* x, const RowGroups& shared, int64_t row, std::byte* out) const {
    for (int64_t col = 0; col < packed_->cols(); ++col, out += sizeof(float)) {
      const float value = shared.scale(row, packed_->group_of(col)) * static_cast<float>(x[col]);
      std::memcpy(out, &value, sizeof value);
    }
  }

  const std::shared_ptr<const PackedIntegers> packed_;
};

}  // namespace

HfWeight packed_integers(const HfParameters& parameters, const HfQuantization& quantization, const std::string& module,
                         bool may_reorder) {
  auto packed = std::make_shared<PackedIntegers>(parameters, quantization, module);
  DType type = packed->fitting_type();
  if (type != DType::f32 && packed->mixes_groups()) {
    if (may_reorder && packed->sorting_parts_groups())
      packed->sort_inputs();
    else
      type = DType::f32;
  }
  std::vector<int32_t> order = packed->input_order();
  return {std::make_shared<PackedSource>(std::move(packed), type), std::move(order)};
}

}  // namespace loam
