// The head of a request, from its bytes: strictly RFC 9112, so that nobody in front of us can read it otherwise.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "server/http/exchange.h"
#include "server/http/http_error.h"

namespace loam {

// What a head says about the bytes that follow it.
struct RequestFraming {
  bool http_1_0 = false;
  bool keeps_alive = false;       // the client wants further requests on this connection
  bool expects_continue = false;  // it waits for leave to send the body
  bool chunked = false;           // the body comes in chunks;
  uint64_t content_length = 0;    // else it has so many bytes
};

// `head` ends with the empty line; fills method, path, query and headers of `request`, as far as it comes. HttpError:
// 400 for whatever is malformed or could be taken for something else, 417 for an unknown expectation, 505 for other
// versions than 1.0 and 1.1.
RequestFraming parse_request_head(std::string_view head, HttpRequest& request);

inline constexpr std::string_view kLineEnd = "\r\n";

// 400: the bytes are no HTTP.
HttpError malformed(const std::string& why);

// Finds faults in what has come of a head so far: lines without CR, and lines that continue the one before.
void check_lines(std::string_view head, size_t begin);

}  // namespace loam
