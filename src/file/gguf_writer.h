// Writes GGUF v3 files: the header at once, the tensors' data piece by piece in any order, from any thread.
// Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/output_file.h"
#include "file/metadata.h"
#include "tensor/tensor.h"

namespace loam {

struct NewTensor {
  std::string name;
  DType dtype = DType::f32;
  Shape shape;  // outermost first
};

class GgufWriter {
 public:
  // Lays the file out: `general.architecture` first, the other keys by name, the tensors in the order given, each at a
  // multiple of `general.alignment` (32 where the metadata has none). Nothing is written yet.
  // Error(invalid) for what no reader would take: names that are empty, too long or stand twice, rows that are no whole
  // blocks, more than 4 dimensions.
  GgufWriter(const Metadata& metadata, std::vector<NewTensor> tensors);

  uint64_t bytes() const { return bytes_; }  // of the whole file
  std::span<const NewTensor> tensors() const { return tensors_; }
  uint64_t bytes_of(size_t tensor) const;

  // Begins the file and writes its header. Errors as OutputFile: one that the disk has no room for is refused here.
  void open(const std::string& path);
  // Bytes of a tensor's data from `begin` on; from any thread.
  void write(size_t tensor, uint64_t begin, std::span<const std::byte> bytes) const;
  // All data has been written: the file gets its name. Without it nothing remains.
  void keep();

 private:
  std::string header_;
  std::vector<NewTensor> tensors_;
  std::vector<uint64_t> offsets_;  // of each tensor's data in the file
  uint64_t bytes_ = 0;
  std::unique_ptr<OutputFile> file_;
};

// The header's pieces, as bytes: a text with its length, a key with type and value, a value alone.
void append_gguf_text(std::string& out, std::string_view text);
void append_gguf_entry(std::string& out, std::string_view key, const MetaValue& value);
void append_gguf_value(std::string& out, const MetaValue& value);

}  // namespace loam
