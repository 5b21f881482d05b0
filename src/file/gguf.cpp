#include "file/gguf.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <optional>

#include "base/error.h"
#include "base/hash.h"
#include "base/input_file.h"
#include "base/utf8.h"
#include "file/gguf_header.h"
#include "file/gguf_header_bytes.h"
#include "file/gguf_overlay.h"
#include "file/gguf_parts.h"
#include "file/gguf_split.h"

namespace loam {
namespace {

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

class OpenGguf final : public GgufFile, public GgufParts {
 public:
  // `overlay`: what the metadata of its header replaces of the parts' has been replaced already.
  OpenGguf(std::string path, std::vector<Part> parts, std::optional<Part> overlay = {})
      : path_(std::move(path)), parts_(std::move(parts)), overlay_(std::move(overlay)) {
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

  const std::string& tensor_path() const override { return overlay_ ? parts_[0].file->path() : path_; }
  std::vector<std::string> files() const override {
    std::vector<std::string> paths;
    if (overlay_) paths.push_back(overlay_->file->path());
    for (const Part& part : parts_)
      if (part.file) paths.push_back(part.file->path());
    return paths;
  }

  std::string fingerprint() const override {
    return (overlay_ ? overlay_->file->fingerprint() + "\n" : "") + tensor_fingerprint();
  }
  std::string tensor_fingerprint() const override {
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
  std::optional<Part> overlay_;  // metadata views its header
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

// The file itself, or all parts of the model that it is one of.
std::vector<Part> whole_model(Part given, MapMode mode) {
  const SplitInfo split = read_split_info(given.header.metadata);
  if (split.count > 1) return open_parts(std::move(given), split, mode);
  std::vector<Part> parts;
  parts.push_back(std::move(given));
  return parts;
}

std::string header_digest(const std::vector<Part>& parts) {
  Sha256 hash;
  for (const Part& part : parts) hash.update(part.header_bytes->first(part.header.list_end));
  return hash.hex();
}

std::vector<Part> open_base(const OverlayInfo& info, const std::string& path, MapMode mode) {
  try {
    std::vector<Part> parts = whole_model(Part(path, mode), mode);
    if (read_overlay_info(parts[0].header.metadata))
      throw_gguf_error("overlay", info.offset, fmt::format("{} is an overlay itself", escape_control(path)));
    return parts;
  } catch (const Error& error) {
    if (error.code() != Error::Code::not_found) throw;
    throw_gguf_error("overlay", info.offset,
                     fmt::format("the overlay has no weights of its own, and {}, which holds them in {} bytes, is "
                                 "missing: put it there",
                                 escape_control(path), info.bytes));
  }
}

std::unique_ptr<GgufFile> open_overlay(Part given, const OverlayInfo& info, MapMode mode) {
  const std::string path = given.file->path(), base = base_path(info, path);
  if (!given.header.tensors.empty())
    throw_gguf_error("overlay", info.offset,
                     fmt::format("an overlay with {} tensors of its own", given.header.tensors.size()));
  std::vector<Part> parts = open_base(info, base, mode);
  uint64_t bytes = 0;
  for (const Part& part : parts) bytes += part.file->size();
  check_overlay_base(info, base, bytes, header_digest(parts));
  apply_overlay(given.header.metadata, info, parts[0].header.metadata);
  return std::make_unique<OpenGguf>(path, std::move(parts), std::move(given));
}

}  // namespace

std::unique_ptr<GgufFile> GgufFile::open(const std::string& path, MapMode mode) {
  Part given(path, mode);
  if (const auto info = read_overlay_info(given.header.metadata)) return open_overlay(std::move(given), *info, mode);
  return std::make_unique<OpenGguf>(path, whole_model(std::move(given), mode));
}

std::unique_ptr<GgufFile> GgufFile::parse(std::span<const std::byte> bytes) {
  std::vector<Part> parts;
  parts.emplace_back(bytes);
  const Metadata& metadata = parts[0].header.metadata;
  const SplitInfo split = read_split_info(metadata);
  if (split.count > 1) throw_gguf_error("split", split.offset, "a part of a split model must be opened by its path");
  if (const auto info = read_overlay_info(metadata))
    throw_gguf_error("overlay", info->offset, "an overlay must be opened by its path");
  return std::make_unique<OpenGguf>("", std::move(parts));
}

OverlayInfo describe_base(const std::string& path) {
  const std::vector<Part> parts = whole_model(Part(path, MapMode::read), MapMode::read);
  OverlayInfo info;
  info.base = path;
  for (const Part& part : parts) info.bytes += part.file->size();
  info.header_sha256 = header_digest(parts);
  return info;
}

std::vector<std::string> files_of(const GgufFile& file) {
  const auto* parts = dynamic_cast<const GgufParts*>(&file);
  return parts ? parts->files() : std::vector<std::string>{file.path()};
}

const std::string& tensor_path_of(const GgufFile& file) {
  const auto* parts = dynamic_cast<const GgufParts*>(&file);
  return parts ? parts->tensor_path() : file.path();
}

std::string tensor_fingerprint_of(const GgufFile& file) {
  const auto* parts = dynamic_cast<const GgufParts*>(&file);
  return parts ? parts->tensor_fingerprint() : file.fingerprint();
}

}  // namespace loam
