// Any bytes as a GGUF file: an Error or a file whose metadata and tensors can all be read, nothing else.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/error.h"
#include "file/gguf.h"
#include "quant/block_format.h"

namespace {

using loam::GgufFile, loam::Metadata, loam::TensorInfo;

constexpr int64_t kMaxDecoded = 1 << 16;  // elements of a row; longer ones are only read

template <class Access>
void try_access(Access access) {
  try {
    access();
  } catch (const loam::Error&) {
  }
}

// Asks for every key as every type.
void read_metadata(const Metadata& metadata) {
  for (const auto& entry : metadata.entries()) {
    const std::string& key = entry.first;
    try_access([&] { metadata.require_integer(key, 0, INT32_MAX); });
    try_access([&] { metadata.require_number(key); });
    try_access([&] { metadata.boolean(key); });
    try_access([&] { LOAM_CHECK(metadata.require_string(key).size() < SIZE_MAX); });
    try_access([&] {
      size_t bytes = 0;
      for (const std::string_view text : *metadata.strings(key)) bytes += std::string(text).size();
      LOAM_CHECK(bytes < SIZE_MAX);
    });
    try_access([&] { metadata.integers(key); });
    try_access([&] { metadata.numbers(key); });
  }
}

void read_tensor(const GgufFile& file, const TensorInfo& tensor, size_t file_size) {
  LOAM_CHECK(file.find(tensor.name) == &tensor && tensor.bytes <= file_size);
  std::vector<std::byte> scratch;
  uint8_t sum = 0;
  for (const std::byte b : file.bytes(tensor, 0, tensor.bytes, scratch)) sum ^= std::to_integer<uint8_t>(b);
  const int64_t n = tensor.shape.cols();
  const loam::BlockFormat* format = loam::find_format(tensor.dtype);
  if (!format || n > kMaxDecoded) return;
  std::vector<float> row(static_cast<size_t>(n));
  format->decode(file.bytes(tensor, 0, loam::bytes_of(tensor.dtype, n), scratch).data(), n, row.data());
  if (format->encode) {
    std::vector<std::byte> blocks(loam::bytes_of(tensor.dtype, n) + (sum & 1));
    format->encode(row.data(), n, blocks.data());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  try {
    const auto file = GgufFile::parse(std::as_bytes(std::span(data, size)));
    read_metadata(file->metadata());
    for (const TensorInfo& tensor : file->tensors()) read_tensor(*file, tensor, size);
  } catch (const loam::Error&) {
  }
  return 0;
}
