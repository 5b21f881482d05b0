#include "model/quantized_file.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/utf8.h"
#include "quant/block_format.h"

namespace loam {
namespace {

double bits_of(DType type) { return 8.0 * info(type).block_bytes / info(type).block_size; }

bool is_encodable(DType type) {
  const BlockFormat* format = find_format(type);
  return format != nullptr && format->encode != nullptr && type != DType::q8_k;
}

// The smallest type of at least as many bits whose blocks fit rows of `cols`; F16's always do.
DType fitting_blocks(DType type, int64_t cols) {
  if (cols % info(type).block_size == 0) return type;
  DType best = DType::f16;
  for (const BlockFormat& format : block_formats())
    if (is_encodable(format.type) && cols % info(format.type).block_size == 0 &&
        bits_of(format.type) >= bits_of(type) && bits_of(format.type) < bits_of(best))
      best = format.type;
  return best;
}

class QuantizedFile final : public GgufFile {
 public:
  QuantizedFile(std::unique_ptr<GgufFile> inner, DType type) : inner_(std::move(inner)) {
    const bool tied = inner_->find("output.weight") == nullptr;
    for (const TensorInfo& stored : inner_->tensors()) {
      TensorInfo tensor = stored;
      if (changes(stored, type, tied)) {
        tensor.dtype = fitting_blocks(type, stored.shape.cols());
        tensor.bytes = bytes_of(tensor.dtype, stored.shape.elements());
        identity_ += fmt::format("{} {}\n", stored.name, name(tensor.dtype));
      }
      tensors_.push_back(tensor);
    }
    std::ranges::sort(tensors_, {}, &TensorInfo::name);
  }

  void map() override { inner_->map(); }
  Metadata& metadata() override { return inner_->metadata(); }
  const Metadata& metadata() const override { return std::as_const(*inner_).metadata(); }
  void forget(std::string_view key) override { inner_->forget(key); }
  std::span<const TensorInfo> tensors() const override { return tensors_; }
  const TensorInfo* find(std::string_view name) const override {
    const auto found = std::ranges::lower_bound(tensors_, name, {}, &TensorInfo::name);
    return found != tensors_.end() && found->name == name ? &*found : nullptr;
  }
  uint32_t version() const override { return inner_->version(); }
  uint64_t file_bytes() const override { return inner_->file_bytes(); }
  const std::string& path() const override { return inner_->path(); }
  std::string fingerprint() const override {
    const std::string own = inner_->fingerprint();
    return own.empty() ? own : own + identity_;
  }

  std::span<const std::byte> bytes(const TensorInfo& tensor, uint64_t begin, uint64_t size,
                                   std::vector<std::byte>& scratch) const override {
    const TensorInfo& stored = *inner_->find(tensor.name);
    if (stored.dtype == tensor.dtype) return inner_->bytes(stored, begin, size, scratch);
    LOAM_CHECK(begin <= tensor.bytes && size <= tensor.bytes - begin);
    const uint64_t row = bytes_of(tensor.dtype, tensor.shape.cols());
    const uint64_t first = begin / row, last = (begin + size + row - 1) / row;
    if (scratch.size() < (last - first) * row) scratch.resize((last - first) * row);
    encode_rows(stored, tensor, first, last, scratch.data());
    return std::span(scratch).subspan(begin - first * row, size);
  }
  void release(const TensorInfo& tensor, uint64_t begin, uint64_t size) const override {
    const TensorInfo& stored = *inner_->find(tensor.name);
    if (stored.dtype == tensor.dtype) inner_->release(stored, begin, size);
  }

 private:
  static bool changes(const TensorInfo& tensor, DType type, bool tied) {
    const bool matrix = tensor.shape.rank() >= 2 && tensor.name.ends_with(".weight");
    const bool looked_up = (tensor.name == "token_embd.weight" && !tied) || tensor.name.starts_with("position_embd") ||
                           tensor.name.starts_with("token_types");
    const bool small = tensor.name.find("ffn_gate_inp") != std::string_view::npos ||
                       tensor.name.find(".ssm_") != std::string_view::npos ||
                       tensor.name.find("shortconv.conv") != std::string_view::npos;
    return matrix && !looked_up && !small && find_format(tensor.dtype) != nullptr &&
           bits_of(tensor.dtype) > bits_of(type);
  }

  void encode_rows(const TensorInfo& stored, const TensorInfo& wanted, uint64_t first, uint64_t last,
                   std::byte* out) const {
    const int64_t cols = stored.shape.cols();
    const uint64_t stored_row = bytes_of(stored.dtype, cols), row = bytes_of(wanted.dtype, cols);
    std::vector<float> values(static_cast<size_t>(cols));
    std::vector<std::byte> scratch;
    for (uint64_t r = first; r < last; ++r, out += row) {
      const auto bytes = inner_->bytes(stored, r * stored_row, stored_row, scratch);
      find_format(stored.dtype)->decode(bytes.data(), cols, values.data());
      find_format(wanted.dtype)->encode(values.data(), cols, out);
    }
    inner_->release(stored, first * stored_row, (last - first) * stored_row);
  }

  const std::unique_ptr<GgufFile> inner_;
  std::vector<TensorInfo> tensors_;  // by name
  std::string identity_;
};

}  // namespace

DType parse_quant_type(std::string_view given) {
  std::string wanted(given);
  for (char& c : wanted) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  std::vector<std::string_view> known;
  for (const BlockFormat& format : block_formats()) {
    if (!is_encodable(format.type)) continue;
    if (name(format.type) == wanted) return format.type;
    known.push_back(name(format.type));
  }
  throw Error(
      Error::Code::invalid,
      fmt::format("\"{}\" is no type to quantise to; loam has {}", escape_control(given), fmt::join(known, ", ")),
      "--quant");
}

std::unique_ptr<GgufFile> quantized(std::unique_ptr<GgufFile> file, DType type) {
  return std::make_unique<QuantizedFile>(std::move(file), type);
}

}  // namespace loam
