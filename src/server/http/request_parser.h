// Bytes from a connection → one request, within limits.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "server/http/body_reader.h"
#include "server/http/exchange.h"
#include "server/http/request_head.h"

namespace loam {

struct HttpLimits;

// Every fault is an HttpError, after which the connection must be closed: those of heads and bodies, and 414 and 431
// for what is too long.
class RequestParser {
 public:
  // `ends` holds what the bytes do not say: peer, local address and port.
  RequestParser(const HttpLimits& limits, const HttpRequest& ends);

  // → how many bytes were used; the rest, with more bytes behind it, is for the next call.
  size_t feed(std::string_view bytes);

  bool has_head() const { return has_head_; }
  bool is_done() const { return has_head_ && body_.is_done(); }  // nothing more may be fed
  const RequestFraming& framing() const { return framing_; }

  // What is known of it: after a fault perhaps no more than a random id.
  HttpRequest& request() { return request_; }

 private:
  size_t take_head(std::string_view bytes);
  void check_head_size() const;
  void read_head();

  const HttpLimits& limits_;
  std::string bytes_;  // of the head
  size_t n_empty_ = 0;
  std::ptrdiff_t n_lines_ = 0;
  bool has_head_ = false;
  RequestFraming framing_;
  BodyReader body_;
  HttpRequest request_;
};

}  // namespace loam
