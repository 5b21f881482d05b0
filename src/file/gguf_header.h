// The header of one GGUF file: metadata and where each tensor lies, checked against the file's size.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/byte_reader.h"
#include "file/gguf.h"
#include "file/metadata.h"

namespace loam {

inline constexpr uint64_t kMaxTensorNameBytes = 63;  // others keep a name in 64 bytes with a final zero

struct GgufHeader {
  uint32_t version = 0;
  Metadata metadata;
  std::vector<TensorInfo> tensors;  // `part` is left at 0
  // Where in the file the metadata ends and the list of tensors begins, where that ends, and where the data begins.
  uint64_t metadata_end = 0, list_end = 0, data_begin = 0;
};

inline uint64_t round_up_to(uint64_t value, uint64_t alignment) {
  return (value + alignment - 1) / alignment * alignment;
}

// `general.alignment`, 32 where it is absent. Error(model_invalid) for what is no power of two from 8 to 2^20.
uint64_t gguf_alignment(const Metadata& metadata);

// Reads from the file's first byte on. Every text is a view into the reader's bytes. What is decoded never takes more
// memory than the rest of the file and 32 MiB. Errors: model_invalid, `where` a word of docs/bad-inputs.md @ offset.
GgufHeader read_gguf_header(ByteReader& reader, uint64_t file_size);

// The metadata part of it: `n_keys` keys with their values, `reader` standing at the first.
Metadata read_gguf_metadata(ByteReader& reader, uint64_t n_keys, uint64_t file_size);

// Name of a tensor or key: 1 to `max_bytes` bytes, no control characters; else an error in `field`.
std::string_view read_gguf_name(ByteReader& reader, uint64_t max_bytes, const char* field);
// A length and that many bytes.
std::string_view read_gguf_text(ByteReader& reader);

[[noreturn]] void throw_gguf_error(const char* field, uint64_t offset, std::string message);

}  // namespace loam
