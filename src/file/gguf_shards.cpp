#include "file/gguf_shards.h"

#include <fmt/format.h>

#include "base/error.h"
#include "base/human_bytes.h"
#include "file/gguf_header.h"
#include "file/gguf_split.h"

namespace loam {
namespace {

// A tensor's share of a file, with its padding and its row in the list.
uint64_t bytes_in_shard(const CopiedTensor& tensor, uint64_t alignment) {
  const uint64_t data = bytes_of(tensor.dtype, tensor.source->shape.elements());
  return round_up_to(data, alignment) + tensor.source->name.size() + 64;
}

MetaValue small_number(MetaType type, size_t value) { return {type, 0, 0, static_cast<int64_t>(value)}; }

// The metadata of shard `i` of n.
Metadata shard_metadata(const Metadata& whole, size_t i, size_t n, size_t n_tensors) {
  Metadata metadata;
  if (i == 0) {
    metadata = whole;
  } else if (const MetaValue* alignment = whole.find("general.alignment")) {
    metadata.insert("general.alignment", *alignment);
  }
  metadata.insert("split.no", small_number(MetaType::u16, i));
  metadata.insert("split.count", small_number(MetaType::u16, n));
  metadata.insert("split.tensors.count", small_number(MetaType::i32, n_tensors));
  return metadata;
}

// Cuts the tensors into runs; the first file also has the metadata.
std::vector<std::vector<CopiedTensor>> cut(const GgufCopy& copy, uint64_t max_bytes) {
  const uint64_t alignment = gguf_alignment(*copy.metadata);
  uint64_t used = GgufWriter(*copy.metadata, {}).bytes() + 256;
  std::vector<std::vector<CopiedTensor>> shards(1);
  for (const CopiedTensor& tensor : copy.tensors) {
    const uint64_t bytes = bytes_in_shard(tensor, alignment);
    if (used + bytes > max_bytes && !shards.back().empty()) {
      shards.emplace_back();
      used = 256;
    }
    shards.back().push_back(tensor);
    used += bytes;
  }
  return shards;
}

}  // namespace

std::vector<std::string> write_shards(const GgufFile& file, const GgufCopy& copy, const std::string& prefix,
                                      uint64_t max_bytes, ThreadPool& pool, const Progress& progress) {
  constexpr size_t kMost = 1024;
  const auto shards = cut(copy, max_bytes);
  const size_t n = shards.size();
  if (n > kMost)
    throw Error(
        Error::Code::invalid,
        fmt::format("files of {} would be {}, more than {}: take a larger size", human_bytes(max_bytes), n, kMost),
        "--split-size");
  const SplitName name{prefix, 1, static_cast<int>(n)};
  std::vector<std::string> paths;
  std::vector<GgufWriter> writers;
  for (size_t i = 0; i < n; ++i) {
    paths.push_back(name.part_path(static_cast<int>(i) + 1));
    check_output(file, paths.back());
    const Metadata metadata = shard_metadata(*copy.metadata, i, n, copy.tensors.size());
    const GgufCopy shard{&metadata, shards[i]};
    GgufWriter& writer = writers.emplace_back(writer_for(shard));
    writer.open(paths.back());
    // Progress counts files: each copy's own share of one.
    copy_tensors(file, shard, writer, pool, [&](uint64_t done, uint64_t total) {
      return !progress || progress(i * 1000 + done * 1000 / std::max<uint64_t>(total, 1), n * 1000);
    });
  }
  for (GgufWriter& writer : writers) writer.keep();
  return paths;
}

}  // namespace loam
