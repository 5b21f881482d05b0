// One request and the way to answer it: the seam between the connections and everything that a server does.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "server/http/headers.h"

namespace loam {

struct HttpRequest {
  std::string method;  // as sent: "GET"
  std::string path;    // decoded UTF-8 that begins with '/', without "." and ".." segments and control characters
  std::string query;   // what followed '?', as sent
  HttpHeaders headers;
  std::string body;
  std::string id;             // x-request-id: the client's where it is sane, else a random one
  std::string peer;           // the client's address, without its port
  std::string local_address;  // the address and port that it reached us at
  uint16_t local_port = 0;
  bool peer_is_loopback = false;
  bool is_tls = false;
};

// What precedes a body. Content-Length or chunks, Date, Connection and X-Request-Id are added on the way out.
struct HttpHead {
  int status = 200;
  std::string content_type;
  HttpHeaders headers;
};

struct HttpAnswer {
  HttpHead head;
  std::string body;
};

// Answer either with one send(), or with begin(), any number of write()s, and end(). Every function may be called from
// any thread and returns at once, but for wait_for_client(): what is written is queued for the connection. Once the
// client has left, or has been dropped because it read too slowly, what is written is thrown away. An exchange whose
// last owner lets go of it unanswered answers 500; in the middle of a stream the connection is closed, so that the
// client notices.
class HttpExchange {
 public:
  virtual ~HttpExchange() = default;

  virtual const HttpRequest& request() const = 0;

  virtual void send(HttpHead head, std::string body) = 0;
  virtual void begin(HttpHead head) = 0;
  virtual void write(std::string_view chunk) = 0;  // sent as soon as the client takes it
  // Waits until all that was written is on its way, or the client has left: for who has more than may wait unsent.
  virtual void wait_for_client() = 0;
  virtual void end() = 0;
  virtual bool has_begun() const = 0;  // send() or begin() has been called

  virtual bool is_open() const = 0;  // false once the client has left
  // Calls `closed` once when the client leaves before the end of the answer, or now where it has left already. It runs
  // on the thread that moves all connections' bytes, so it must be quick.
  virtual void on_close(std::function<void()> closed) = 0;

  // A header of whatever answer is sent; only before it begins.
  virtual void set_header(std::string name, std::string value) = 0;
  // Adds a fact (a user, a model, a count) to the line that the log gets about this request.
  virtual void note(std::string name, std::string value) = 0;
};

using HttpHandler = std::function<void(std::shared_ptr<HttpExchange>)>;

// What is decided from a request's head, before its body is read.
struct HttpAdmission {
  std::unique_ptr<HttpAnswer> refusal;  // sent instead of calling the handler; null: go on
  bool quick = false;                   // has a thread of its own, which slow requests cannot occupy
};
// Called on the thread that moves all connections' bytes: must be quick.
using HttpAdmit = std::function<HttpAdmission(const HttpRequest&)>;

}  // namespace loam
