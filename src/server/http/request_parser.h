// Bytes from a connection → requests: strict HTTP/1.1, so that nobody in front of us can read the same bytes otherwise.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "server/http/exchange.h"

namespace loam {

struct HttpLimits;

// For one request. Every fault is an HttpError, after which the connection must be closed: 400 malformed, 408 never,
// 413 body too large, 414 and 431 head too large, 417 unknown expectation, 501 unknown transfer coding, 505 version.
class RequestParser {
 public:
  // `ends` holds what the bytes do not say: peer, local address and port.
  RequestParser(const HttpLimits& limits, const HttpRequest& ends);
  ~RequestParser();
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  // Returns how many bytes were used; the rest, with more bytes behind it, is for the next call.
  size_t feed(std::string_view bytes);

  bool has_begun() const;  // something other than empty lines has come
  bool has_head() const;
  bool is_done() const;  // nothing more may be fed
  bool expects_continue() const;
  bool keeps_alive() const;  // the client wants further requests on this connection
  bool is_http_1_0() const;
  size_t body_bytes() const;

  // What is known of it: after a fault perhaps no more than a random id.
  HttpRequest& request();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace loam
