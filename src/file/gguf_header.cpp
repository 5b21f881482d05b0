#include "file/gguf_header.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <numeric>

#include "file/foreign.h"

namespace loam {
namespace {

// Far beyond any real model; they bound what a small file can make the reader allocate.
constexpr uint64_t kMaxKeys = uint64_t{1} << 16;
constexpr uint64_t kMaxTensors = uint64_t{1} << 17;
constexpr uint64_t kMaxBytes = uint64_t{1} << 62;  // of all tensors, so that no sum of two wraps

constexpr uint32_t kMaxRank = 4;
constexpr uint64_t kDefaultAlignment = 32;
constexpr uint64_t kMinAlignment = 8, kMaxAlignment = uint64_t{1} << 20;

void check_magic(ByteReader& reader) {
  constexpr std::string_view kMagic = "GGUF";
  const uint64_t n = std::min<uint64_t>(reader.remaining(), kForeignProbeBytes);
  ByteReader probe = reader;
  const std::string_view start = probe.text(n, "the file's type");
  const std::string_view begin = start.substr(0, kMagic.size());
  if (begin != kMagic.substr(0, begin.size())) throw_gguf_error("magic", 0, describe_foreign(start));
  reader.take(kMagic.size(), "the file's type");
}

uint32_t read_version(ByteReader& reader) {
  const uint64_t at = reader.position();
  const auto version = reader.read<uint32_t>("the version");
  const uint32_t swapped = version >> 24 | (version >> 8 & 0xFF00) | (version << 8 & 0xFF0000) | version << 24;
  if (swapped == 2 || swapped == 3)
    throw_gguf_error("magic", at, "the file is big-endian; convert it to the usual little-endian form");
  if (version != 2 && version != 3)
    throw_gguf_error("version", at, fmt::format("GGUF version {} is not supported (2 and 3 are)", version));
  return version;
}

uint64_t read_count(ByteReader& reader, uint64_t max, const char* what) {
  const uint64_t at = reader.position();
  const auto count = reader.read<uint64_t>("a count");
  if (count > max) throw_gguf_error("count", at, fmt::format("{} {}, more than {}", count, what, max));
  return count;
}

// Reads the list of tensors and checks where their data lies.
class TensorReader {
 public:
  TensorReader(ByteReader& reader, uint64_t alignment, uint64_t file_size)
      : reader_(reader), alignment_(alignment), file_size_(file_size) {}

  std::vector<TensorInfo> read(uint64_t n_tensors) {
    constexpr uint64_t kMinInfoBytes = 8 + 1 + 4 + 8 + 4 + 8;
    const uint64_t expected = std::min(n_tensors, reader_.remaining() / kMinInfoBytes);
    tensors_.reserve(expected);
    places_.reserve(expected);
    for (uint64_t i = 0; i < n_tensors; ++i) read_info();
    check_names();
    data_begin_ = round_up_to(reader_.position(), alignment_);
    check_ends();
    check_overlaps();
    for (TensorInfo& tensor : tensors_) tensor.offset += data_begin_;
    return std::move(tensors_);
  }

 private:
  void read_info() {
    TensorInfo tensor;
    const uint64_t at = reader_.position();
    tensor.name = read_gguf_name(reader_, kMaxTensorNameBytes, "name");
    tensor.shape = read_shape(tensor.name);
    tensor.dtype = read_dtype(tensor.name);
    tensor.bytes = checked_size(tensor, at);
    places_.push_back(reader_.position());
    tensor.offset = reader_.read<uint64_t>("a tensor's offset");
    tensors_.push_back(tensor);
    const auto i = static_cast<uint32_t>(tensors_.size() - 1);
    if (tensor.offset % alignment_ != 0)
      fail("offset", i, fmt::format("begins at {}, which is no multiple of {}", tensor.offset, alignment_));
    if (tensor.offset > kMaxBytes) fail("offset", i, fmt::format("begins at {}", tensor.offset));
  }

  // Dimensions stand innermost first in the file.
  Shape read_shape(std::string_view name) {
    const uint64_t at = reader_.position();
    const auto rank = reader_.read<uint32_t>("a tensor's number of dimensions");
    if (rank == 0 || rank > kMaxRank)
      throw_gguf_error("rank", at, fmt::format("tensor {} has {} dimensions, not 1 to {}", name, rank, kMaxRank));
    int64_t dims[kMaxRank];
    int64_t elements = 1;
    for (uint32_t i = rank; i-- > 0;) {
      const uint64_t dim_at = reader_.position();
      dims[i] = reader_.read<int64_t>("a tensor's dimension");
      if (dims[i] <= 0) throw_gguf_error("dim", dim_at, fmt::format("tensor {} has a dimension of {}", name, dims[i]));
      if (__builtin_mul_overflow(elements, dims[i], &elements))
        throw_gguf_error("overflow", dim_at, fmt::format("tensor {} has more than 2^63 - 1 elements", name));
    }
    return Shape(std::span<const int64_t>(dims, rank));
  }

  DType read_dtype(std::string_view name) {
    const uint64_t at = reader_.position();
    const auto number = reader_.read<uint32_t>("a tensor's type");
    if (!find_dtype(number)) {
      throw_gguf_error("type", at,
                       fmt::format("tensor {} is of type {}, which does not exist (any more)", name, number));
    }
    return static_cast<DType>(number);
  }

  // Also adds it, padded, to the sum over all tensors.
  uint64_t checked_size(const TensorInfo& tensor, uint64_t at) {
    const DTypeInfo& type = info(tensor.dtype);
    if (tensor.shape.cols() % type.block_size != 0) {
      throw_gguf_error("shape", at,
                       fmt::format("tensor {} has rows of {} elements, no multiple of {}'s blocks of {}", tensor.name,
                                   tensor.shape.cols(), type.name, type.block_size));
    }
    const auto blocks = static_cast<uint64_t>(tensor.shape.elements() / type.block_size);
    const auto block_bytes = static_cast<uint64_t>(type.block_bytes);
    if (blocks > (kMaxBytes - total_bytes_ - alignment_) / block_bytes) {
      throw_gguf_error("overflow", at,
                       fmt::format("tensor {} {} brings the data to more than {} bytes", tensor.name,
                                   tensor.shape.text(), kMaxBytes));
    }
    total_bytes_ += round_up_to(blocks * block_bytes, alignment_);
    return blocks * block_bytes;
  }

  void check_names() const {
    std::vector<uint32_t> order =
        sorted([this](uint32_t a, uint32_t b) { return tensors_[a].name < tensors_[b].name; });
    const auto twice = std::adjacent_find(
        order.begin(), order.end(), [this](uint32_t a, uint32_t b) { return tensors_[a].name == tensors_[b].name; });
    if (twice != order.end()) fail("name", *twice, "stands twice");
  }

  // A tensor that follows the one before without a gap but ends past the file shows that the file is incomplete;
  // any other offset past the end is wrong in itself.
  void check_ends() const {
    uint64_t expected = 0;
    for (uint32_t i = 0; i < tensors_.size(); ++i) {
      const TensorInfo& tensor = tensors_[i];
      const uint64_t end = data_begin_ + tensor.offset + tensor.bytes;
      if (end > file_size_) {
        fail(tensor.offset == expected ? "truncated" : "bounds", i,
             fmt::format("lies at bytes {} to {}, but the file ends at byte {}", data_begin_ + tensor.offset, end,
                         file_size_));
      }
      expected = round_up_to(tensor.offset + tensor.bytes, alignment_);
    }
  }

  void check_overlaps() const {
    std::vector<uint32_t> order =
        sorted([this](uint32_t a, uint32_t b) { return tensors_[a].offset < tensors_[b].offset; });
    for (size_t i = 1; i < order.size(); ++i) {
      const TensorInfo &before = tensors_[order[i - 1]], &after = tensors_[order[i]];
      if (before.offset + before.bytes > after.offset)
        fail("offset", order[i], fmt::format("overlaps tensor {}", before.name));
    }
  }

  template <class Less>
  std::vector<uint32_t> sorted(Less less) const {
    std::vector<uint32_t> order(tensors_.size());
    std::iota(order.begin(), order.end(), 0u);
    std::stable_sort(order.begin(), order.end(), less);
    return order;
  }

  [[noreturn]] void fail(const char* field, uint32_t i, std::string_view what) const {
    throw_gguf_error(field, places_[i], fmt::format("tensor {} {}", tensors_[i].name, what));
  }

  ByteReader& reader_;
  uint64_t alignment_, file_size_;
  uint64_t data_begin_ = 0, total_bytes_ = 0;
  std::vector<TensorInfo> tensors_;
  std::vector<uint64_t> places_;  // where each tensor's offset stands in the file, for messages
};

}  // namespace

uint64_t gguf_alignment(const Metadata& metadata) {
  const MetaValue* found = metadata.find("general.alignment");
  if (!found) return kDefaultAlignment;
  if (found->type != MetaType::u32) throw_gguf_error("type", found->offset, "general.alignment is not a uint32");
  const auto alignment = static_cast<uint64_t>(std::get<int64_t>(found->value));
  if (!std::has_single_bit(alignment) || alignment < kMinAlignment || alignment > kMaxAlignment) {
    throw_gguf_error("alignment", found->offset,
                     fmt::format("general.alignment is {}, not a power of two from {} to {}", alignment, kMinAlignment,
                                 kMaxAlignment));
  }
  return alignment;
}

GgufHeader read_gguf_header(ByteReader& reader, uint64_t file_size) {
  check_magic(reader);
  GgufHeader header;
  header.version = read_version(reader);
  const uint64_t n_tensors = read_count(reader, kMaxTensors, "tensors");
  const uint64_t n_keys = read_count(reader, kMaxKeys, "metadata keys");
  header.metadata = read_gguf_metadata(reader, n_keys, file_size);
  header.metadata_end = reader.position();
  const uint64_t alignment = gguf_alignment(header.metadata);
  header.tensors = TensorReader(reader, alignment, file_size).read(n_tensors);
  header.list_end = reader.position();
  header.data_begin = round_up_to(header.list_end, alignment);
  return header;
}

}  // namespace loam
