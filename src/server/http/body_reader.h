// The body of a request, from its bytes: of a known length, or in chunks (RFC 9112, 7.1).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace loam {

class BodyReader {
 public:
  BodyReader() = default;  // of a request without a body
  static BodyReader of_length(uint64_t n_bytes, size_t most);
  static BodyReader of_chunks(size_t most);

  // Appends what `bytes` hold of the body; the rest, with more bytes behind it, is for the next call. → how many were
  // used. HttpError: 400 malformed, 413 more than `most`.
  size_t feed(std::string_view bytes, std::string& body);
  bool is_done() const { return part_ == Part::end; }

 private:
  enum class Part { data, chunk_size, chunk_data, chunk_end, trailer, end };

  size_t take_data(std::string_view bytes, std::string& body, Part next);
  size_t take_chunk_size(std::string_view line, const std::string& body);
  size_t take_chunk_end(std::string_view bytes);
  size_t take_trailer(std::string_view line);
  size_t step(std::string_view bytes, std::string& body);

  Part part_ = Part::end;
  uint64_t n_left_ = 0;  // of the body, or of a chunk
  size_t n_trailer_ = 0;
  size_t most_ = 0;
};

}  // namespace loam
