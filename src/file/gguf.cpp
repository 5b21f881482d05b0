#include "file/gguf.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "base/error.h"
#include "base/input_file.h"
#include "file/gguf_header.h"
#include "file/gguf_split.h"

namespace loam {
namespace {

// The first bytes of a file in memory, read in pieces as they are needed. The header is always copied, even of a
// mapped file: names and vocabulary stay valid whatever happens to the file.
class HeaderBytes {
 public:
  explicit HeaderBytes(const InputFile& file)
      : file_(file), memory_(std::min(file.size(), kMaxHeaderBytes), /*huge_pages=*/false) {}

  ByteReader reader() {
    return ByteReader({memory_.data(), memory_.size()}, [this](uint64_t end) { return fill(end); });
  }

  void release(uint64_t begin, uint64_t end) const { memory_.release(begin, end); }

 private:
  static constexpr uint64_t kMaxHeaderBytes = uint64_t{1} << 30;
  static constexpr uint64_t kPiece = uint64_t{128} << 10;

  uint64_t fill(uint64_t end) {
    const uint64_t goal = std::min<uint64_t>(std::max(end, filled_ + kPiece), memory_.size());
    file_.read(filled_, {memory_.data() + filled_, goal - filled_});
    return filled_ = goal;
  }

  const InputFile& file_;
  Buffer memory_;
  uint64_t filled_ = 0;
};

// One file of a model.
struct Part {
  // A file on disk; the header's bytes and the mapping last as long as the part.
  Part(const std::string& path, MapMode mode) : file(std::make_unique<InputFile>(path)) {
    header_bytes = std::make_unique<HeaderBytes>(*file);
    ByteReader reader = header_bytes->reader();
    header = read_gguf_header(reader, file->size());
    if (mode == MapMode::mapped) map();
  }

  explicit Part(std::span<const std::byte> bytes) : data(bytes) {
    ByteReader reader(bytes);
    header = read_gguf_header(reader, bytes.size());
  }

  void map() {
    if (!file || !data.empty()) return;
    mapping = Mapping(*file);
    data = mapping.bytes();
  }

  std::unique_ptr<InputFile> file;
  std::unique_ptr<HeaderBytes> header_bytes;
  Mapping mapping;
  std::span<const std::byte> data;  // the whole file; empty where it is read on demand
  GgufHeader header;
};

// Requests up to this size are read in at once. Larger ones are of whole tables, whose rows come as they are touched.
constexpr uint64_t kWindowBytes = uint64_t{8} << 20;
// Requests up to this size are copied: a touched page would map as much of the file around it.
constexpr uint64_t kSmallBytes = uint64_t{64} << 10;

class OpenGguf final : public GgufFile {
 public:
  OpenGguf(std::string path, std::vector<Part> parts) : path_(std::move(path)), parts_(std::move(parts)) {
    for (size_t p = 0; p < parts_.size(); ++p) {
      for (TensorInfo& tensor : parts_[p].header.tensors) tensor.part = static_cast<int>(p);
      std::vector<TensorInfo> tensors = std::move(parts_[p].header.tensors);
      tensors_.insert(tensors_.end(), tensors.begin(), tensors.end());
      file_bytes_ += parts_[p].file ? parts_[p].file->size() : parts_[p].data.size();
    }
    by_name_.resize(tensors_.size());
    std::iota(by_name_.begin(), by_name_.end(), 0u);
    std::sort(by_name_.begin(), by_name_.end(),
              [this](uint32_t a, uint32_t b) { return tensors_[a].name < tensors_[b].name; });
    check_names();
  }

  void map() override {
    for (Part& part : parts_) part.map();
  }
  Metadata& metadata() override { return parts_[0].header.metadata; }
  const Metadata& metadata() const override { return parts_[0].header.metadata; }
  void forget(std::string_view key) override {
    const MetaValue* value = metadata().find(key);
    if (value && parts_[0].header_bytes) parts_[0].header_bytes->release(value->offset, value->end);
    metadata().forget(key);
  }
  std::span<const TensorInfo> tensors() const override { return tensors_; }
  uint32_t version() const override { return parts_[0].header.version; }
  uint64_t file_bytes() const override { return file_bytes_; }
  const std::string& path() const override { return path_; }

  std::string fingerprint() const override {
    std::string text;
    for (const Part& part : parts_)
      if (part.file) text += part.file->fingerprint() + "\n";
    return text;
  }

  const TensorInfo* find(std::string_view name) const override {
    const auto found = std::lower_bound(by_name_.begin(), by_name_.end(), name,
                                        [this](uint32_t i, std::string_view n) { return tensors_[i].name < n; });
    return found != by_name_.end() && tensors_[*found].name == name ? &tensors_[*found] : nullptr;
  }

  std::span<const std::byte> bytes(const TensorInfo& tensor, uint64_t begin, uint64_t size,
                                   std::vector<std::byte>& scratch) const override {
    LOAM_CHECK(begin <= tensor.bytes && size <= tensor.bytes - begin);
    const Part& part = parts_[static_cast<size_t>(tensor.part)];
    if (part.file) part.file->check_size();
    const bool small = part.file && size <= kSmallBytes;
    if (!small && !part.mapping.bytes().empty() && size <= kWindowBytes &&
        !part.mapping.read_in(tensor.offset + begin, size)) {
      throw Error(Error::Code::io,
                  fmt::format("cannot read {} bytes of {} at byte {}", size, part.file->path(), tensor.offset + begin));
    }
    if (!small && !part.data.empty()) return part.data.subspan(tensor.offset + begin, size);
    if (scratch.size() < size) scratch.resize(size);
    part.file->read(tensor.offset + begin, std::span(scratch).first(size));
    return std::span(scratch).first(size);
  }

  void release(const TensorInfo& tensor, uint64_t begin, uint64_t size) const override {
    parts_[static_cast<size_t>(tensor.part)].mapping.release(tensor.offset + begin, size);
  }

 private:
  // Each part is free of duplicates already.
  void check_names() const {
    const auto twice = std::adjacent_find(by_name_.begin(), by_name_.end(), [this](uint32_t a, uint32_t b) {
      return tensors_[a].name == tensors_[b].name;
    });
    if (twice == by_name_.end()) return;
    throw_gguf_error("name", tensors_[*twice].offset,
                     fmt::format("tensor {} stands in two parts of the model", tensors_[*twice].name));
  }

  std::string path_;
  std::vector<Part> parts_;
  std::vector<TensorInfo> tensors_;
  std::vector<uint32_t> by_name_;  // indices into tensors_
  uint64_t file_bytes_ = 0;
};

Part open_part(const std::string& path, int number, const SplitInfo& whole, MapMode mode) {
  try {
    Part part(path, mode);
    const SplitInfo split = read_split_info(part.header.metadata);
    if (split.number != number - 1 || split.count != whole.count) {
      throw_gguf_error("split", split.offset,
                       fmt::format("{} says it is part {} of {}, its name says {} of {}", path, split.number + 1,
                                   split.count, number, whole.count));
    }
    return part;
  } catch (const Error& error) {
    if (error.code() != Error::Code::not_found) throw;
    throw_gguf_error("split", whole.offset, fmt::format("part {} of {} is missing: {}", number, whole.count, path));
  }
}

// All parts of the model that `given` is one of.
std::vector<Part> open_parts(Part given, const SplitInfo& split, MapMode mode) {
  const std::string path = given.file->path();
  const auto name = parse_split_name(path);
  if (!name || name->count != split.count || name->number != split.number + 1) {
    throw_gguf_error("split", split.offset,
                     fmt::format("{} is part {} of {}, so its name must end in -{:05}-of-{:05}.gguf", path,
                                 split.number + 1, split.count, split.number + 1, split.count));
  }
  std::vector<Part> parts;
  for (int number = 1; number <= name->count; ++number) {
    parts.push_back(number == name->number ? std::move(given)
                                           : open_part(name->part_path(number), number, split, mode));
  }
  size_t n_tensors = 0;
  for (const Part& part : parts) n_tensors += part.header.tensors.size();
  if (split.tensors >= 0 && n_tensors != static_cast<uint64_t>(split.tensors)) {
    throw_gguf_error("split", split.offset,
                     fmt::format("the parts hold {} tensors, but split.tensors.count is {}", n_tensors, split.tensors));
  }
  return parts;
}

}  // namespace

std::unique_ptr<GgufFile> GgufFile::open(const std::string& path, MapMode mode) {
  Part given(path, mode);
  const SplitInfo split = read_split_info(given.header.metadata);
  std::vector<Part> parts;
  if (split.count > 1)
    parts = open_parts(std::move(given), split, mode);
  else
    parts.push_back(std::move(given));
  return std::make_unique<OpenGguf>(path, std::move(parts));
}

std::unique_ptr<GgufFile> GgufFile::parse(std::span<const std::byte> bytes) {
  std::vector<Part> parts;
  parts.emplace_back(bytes);
  const SplitInfo split = read_split_info(parts[0].header.metadata);
  if (split.count > 1) throw_gguf_error("split", split.offset, "a part of a split model must be opened by its path");
  return std::make_unique<OpenGguf>("", std::move(parts));
}

}  // namespace loam
