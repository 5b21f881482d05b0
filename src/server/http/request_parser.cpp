#include "server/http/request_parser.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>

#include "base/human_bytes.h"
#include "server/http/http_error.h"
#include "server/http/server.h"

namespace loam {
namespace {

constexpr std::string_view kHeadEnd = "\r\n\r\n";
constexpr size_t kMostEmptyBytes = 8;  // of empty lines before a request

// Letters, digits, '.', '_' and '-', at most 64.
bool is_sane_id(std::string_view id) {
  const auto is_sane = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '_' ||
           c == '-';
  };
  return !id.empty() && id.size() <= 64 && std::ranges::all_of(id, is_sane);
}

std::string random_id() {
  unsigned char bytes[12];
  randombytes_buf(bytes, sizeof bytes);
  return fmt::format("req-{:02x}", fmt::join(bytes, ""));
}

}  // namespace

RequestParser::RequestParser(const HttpLimits& limits, const HttpRequest& ends) : limits_(limits), request_(ends) {
  request_.id = random_id();
}

size_t RequestParser::feed(std::string_view bytes) {
  size_t used = 0;
  if (!has_head_) used = take_head(bytes);
  if (has_head_) used += body_.feed(bytes.substr(used), request_.body);
  return used;
}

// Takes bytes up to the head's end, or all.
size_t RequestParser::take_head(std::string_view bytes) {
  size_t skipped = 0;
  if (bytes_.empty()) skipped = std::min(bytes.find_first_not_of(kLineEnd), bytes.size());
  n_empty_ += skipped;
  if (n_empty_ > kMostEmptyBytes) throw HttpError(400, "empty lines instead of a request", "malformed_http");
  bytes.remove_prefix(skipped);

  const size_t before = bytes_.size();
  bytes_ += bytes.substr(0, limits_.header_bytes + 1 - before);
  const size_t end = bytes_.find(kHeadEnd, before < 3 ? 0 : before - 3);
  if (end != std::string::npos) bytes_.resize(end + kHeadEnd.size());
  const size_t used = skipped + bytes_.size() - before;
  n_lines_ += std::count(bytes_.begin() + static_cast<std::ptrdiff_t>(before), bytes_.end(), '\n');
  check_lines(bytes_, before == 0 ? 0 : before - 1);
  check_head_size();
  if (end != std::string::npos) read_head();
  return used;
}

void RequestParser::check_head_size() const {
  const size_t line = n_lines_ == 0 ? bytes_.size() : bytes_.find(kLineEnd);
  if (line > limits_.request_line_bytes)
    throw HttpError(414, fmt::format("the request line is longer than {} bytes", limits_.request_line_bytes),
                    "request_line_too_long");
  if (bytes_.size() > limits_.header_bytes)
    throw HttpError(431, fmt::format("the header is longer than {}", human_bytes(limits_.header_bytes)),
                    "header_too_large");
  if (n_lines_ > limits_.header_fields + 2)
    throw HttpError(431, fmt::format("the header has more than {} fields", limits_.header_fields), "header_too_large");
}

void RequestParser::read_head() {
  framing_ = parse_request_head(bytes_, request_);
  bytes_ = {};
  if (const std::string_view id = request_.headers.get("x-request-id"); is_sane_id(id)) request_.id = id;
  body_ = framing_.chunked ? BodyReader::of_chunks(limits_.body_bytes)
                           : BodyReader::of_length(framing_.content_length, limits_.body_bytes);
  request_.body.reserve(framing_.content_length);
  has_head_ = true;
}

}  // namespace loam
