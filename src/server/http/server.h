// An HTTP/1.1 server: connections, limits and timeouts; what is answered is up to its handler.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "server/http/exchange.h"

namespace loam {

struct HttpLimits {
  size_t body_bytes = 10 << 20;         // of one request: 413
  size_t all_bodies_bytes = 256 << 20;  // of all requests at a time: 503
  size_t request_line_bytes = 8 << 10;  // 414
  size_t header_bytes = 32 << 10;       // request line and fields: 431
  int header_fields = 100;              // 431
  size_t unsent_bytes = 1 << 20;        // of one stream that its client does not read: dropped

  std::chrono::milliseconds header_time{10'000};  // from a request's first byte to the end of its head: 408
  std::chrono::milliseconds body_time{30'000};    // and a second more for each 16 KiB that has come: 408
  std::chrono::milliseconds idle_time{75'000};    // between requests: closed
  std::chrono::milliseconds write_time{30'000};   // without the client's taking a byte: dropped
  std::chrono::milliseconds linger_time{2'000};   // for the client to read the last answer before the connection closes

  int connections = 512;            // beyond: the longest idle one is closed, or the new one gets 503
  int connections_of_address = 32;  // beyond: 503. IPv6 addresses count by their /64 network
  int connections_of_loopback = 0;  // 0: no limit but that of all
  int workers = 64;                 // threads that handlers may occupy at a time, started as needed
};

struct HttpServerOptions {
  std::string host = "127.0.0.1";  // an address, or "localhost": both 127.0.0.1 and ::1
  uint16_t port = 8080;            // 0: any free one
  std::string certificate_file;    // PEM, the chain; with it TLS is spoken, 1.2 or later
  std::string key_file;            // PEM
  HttpLimits limits;
};

class HttpServer {
 public:
  // `admit` decides from the head alone; without it every request goes to `handler`, which runs on a worker thread.
  HttpServer(HttpServerOptions options, HttpHandler handler, HttpAdmit admit = {});
  ~HttpServer();  // stops at once
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  // Opens the port and returns. Error(io) where it is taken, Error(invalid) for a wrong host or certificate.
  void start();
  uint16_t port() const;  // after start()
  // Stops accepting, lets running exchanges end for as long as `grace`, then closes what is left. Handlers that still
  // run are waited for: they must return once their exchange is closed.
  void stop(std::chrono::milliseconds grace = std::chrono::milliseconds(0));

  int n_connections() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace loam
