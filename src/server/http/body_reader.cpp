#include "server/http/body_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/human_bytes.h"
#include "server/http/http_error.h"
#include "server/http/request_head.h"

namespace loam {
namespace {

constexpr size_t kMostLineBytes = 4 << 10;      // a chunk's size and extensions, or a field behind the last chunk
constexpr size_t kMostTrailerBytes = 16 << 10;  // all of those fields

HttpError too_large(size_t most) {
  return HttpError(413, fmt::format("the body is larger than {}", human_bytes(most)), "body_too_large");
}

// The line without its end; nothing where it has not come yet.
bool take_line(std::string_view bytes, std::string_view& line) {
  line = bytes.substr(0, bytes.find(kLineEnd));
  if (line.size() > kMostLineBytes) throw malformed("a chunk's line is too long");
  return line.size() < bytes.size();
}

bool has_control(std::string_view text) {
  return std::ranges::any_of(text,
                             [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F; });
}

}  // namespace

BodyReader BodyReader::of_length(uint64_t n_bytes, size_t most) {
  if (n_bytes > most) throw too_large(most);
  BodyReader reader;
  reader.n_left_ = n_bytes;
  reader.most_ = most;
  reader.part_ = n_bytes > 0 ? Part::data : Part::end;
  return reader;
}

BodyReader BodyReader::of_chunks(size_t most) {
  BodyReader reader;
  reader.most_ = most;
  reader.part_ = Part::chunk_size;
  return reader;
}

size_t BodyReader::feed(std::string_view bytes, std::string& body) {
  size_t used = 0;
  while (!is_done()) {
    const size_t n = step(bytes.substr(used), body);
    if (n == 0) break;
    used += n;
  }
  return used;
}

// → the bytes used; 0 where more must come first.
size_t BodyReader::step(std::string_view bytes, std::string& body) {
  std::string_view line;
  switch (part_) {
    case Part::data: return take_data(bytes, body, Part::end);
    case Part::chunk_data: return take_data(bytes, body, Part::chunk_end);
    case Part::chunk_end: return take_chunk_end(bytes);
    case Part::chunk_size: return take_line(bytes, line) ? take_chunk_size(line, body) : 0;
    case Part::trailer: return take_line(bytes, line) ? take_trailer(line) : 0;
    case Part::end: break;
  }
  return 0;
}

size_t BodyReader::take_data(std::string_view bytes, std::string& body, Part next) {
  const size_t n = static_cast<size_t>(std::min<uint64_t>(bytes.size(), n_left_));
  body += bytes.substr(0, n);
  n_left_ -= n;
  if (n_left_ == 0) part_ = next;
  return n;
}

// chunk-size [ chunk-ext ]: hexadecimal digits, and after ';' what nobody uses.
size_t BodyReader::take_chunk_size(std::string_view line, const std::string& body) {
  const std::string_view digits = line.substr(0, line.find(';'));
  const auto [end, fault] = std::from_chars(digits.data(), digits.data() + digits.size(), n_left_, 16);
  if (digits.starts_with('-') || fault != std::errc() || end != digits.data() + digits.size() || has_control(line))
    throw malformed("a chunk's size is no hexadecimal number");
  if (n_left_ > most_ - body.size()) throw too_large(most_);
  part_ = n_left_ > 0 ? Part::chunk_data : Part::trailer;
  return line.size() + kLineEnd.size();
}

size_t BodyReader::take_chunk_end(std::string_view bytes) {
  if (!kLineEnd.starts_with(bytes.substr(0, kLineEnd.size()))) throw malformed("a chunk is longer than it says");
  if (bytes.size() < kLineEnd.size()) return 0;
  part_ = Part::chunk_size;
  return kLineEnd.size();
}

// Fields behind the body are read over: nothing that decides about a request may come after it.
size_t BodyReader::take_trailer(std::string_view line) {
  n_trailer_ += line.size();
  if (n_trailer_ > kMostTrailerBytes || has_control(line)) throw malformed("the fields after the last chunk");
  if (line.empty()) part_ = Part::end;
  return line.size() + kLineEnd.size();
}

}  // namespace loam
