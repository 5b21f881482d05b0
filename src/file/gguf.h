// GGUF v2 and v3 files, whole or split, read through the one bounds-checked reader.
// Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "file/metadata.h"
#include "tensor/tensor.h"

namespace loam {

struct TensorInfo {
  std::string_view name;
  DType dtype = DType::f32;
  Shape shape;          // outermost first
  int part = 0;         // which file of a split model
  uint64_t offset = 0;  // of the data in that file
  uint64_t bytes = 0;
};

enum class MapMode { mapped, read };  // read: tensor data is read on demand (--no-mmap), or not at all (plans)

class GgufFile {
 public:
  // Opens a file, or all parts of a split one when given any `…-00001-of-0000N.gguf`. Everything but tensor data is
  // checked here. Throws Error: not_found, io, or model_invalid with field and offset (docs: bad-inputs rows 1-27).
  static std::unique_ptr<GgufFile> open(const std::string& path, MapMode mode = MapMode::mapped);
  // A file that is in memory already (tests, fuzzing); the bytes must outlive it.
  static std::unique_ptr<GgufFile> parse(std::span<const std::byte> bytes);
  virtual ~GgufFile() = default;

  // Maps the data of a file that was opened to be read; nothing where it is mapped already. Before the first `bytes`.
  virtual void map() = 0;
  virtual Metadata& metadata() = 0;
  // Frees a value that nobody will ask for again, with the bytes of the header that it stands in: views of it end.
  virtual void forget(std::string_view key) = 0;
  virtual const Metadata& metadata() const = 0;
  virtual std::span<const TensorInfo> tensors() const = 0;
  virtual const TensorInfo* find(std::string_view name) const = 0;
  virtual uint32_t version() const = 0;
  virtual uint64_t file_bytes() const = 0;  // all parts
  virtual const std::string& path() const = 0;
  // Changes whenever one of the files does: device, inode, size, times of its content and status. Empty for bytes in
  // memory.
  virtual std::string fingerprint() const = 0;

  // Bytes [begin, begin + size) of a tensor's data. Mapped files return a view of more than 64 KiB; less, and
  // what is not mapped, is read into `scratch`.
  // Throws Error(io) where the file has become shorter since it was opened. Of a mapped file, up to 8 MiB are read in
  // at once; a larger view's pages come as they are touched, and must not be touched after the file was cut short.
  virtual std::span<const std::byte> bytes(const TensorInfo& tensor, uint64_t begin, uint64_t size,
                                           std::vector<std::byte>& scratch) const = 0;
  // Whether `bytes` works out what it returns, each time anew: who needs all of a tensor shares that among threads and
  // keeps it.
  virtual bool computes(const TensorInfo&) const { return false; }
  // Tells the system that these bytes will not be read again (after packing); keeps resident memory down.
  virtual void release(const TensorInfo& tensor, uint64_t begin, uint64_t size) const = 0;
};

}  // namespace loam
