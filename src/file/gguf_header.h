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

struct GgufHeader {
  uint32_t version = 0;
  Metadata metadata;
  std::vector<TensorInfo> tensors;  // `part` is left at 0
};

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
