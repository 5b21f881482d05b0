// A server on a free port of this machine, and what its tests share.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "server/http/server.h"
#include "tests/server/raw_client.h"
#include "tests/support/support.h"

namespace loam::test {

using namespace std::chrono_literals;

inline HttpServerOptions local_options(const HttpLimits& limits = {}) {
  HttpServerOptions options;
  options.port = 0;
  options.limits = limits;
  return options;
}

inline HttpHead plain(int status = 200) { return {.status = status, .content_type = "text/plain", .headers = {}}; }

// Something that one thread waits for another to do, once or `n` times. A minute is a failure.
class Signal {
 public:
  void set() {
    const std::lock_guard lock(mutex_);
    ++count_;
    changed_.notify_all();
  }
  bool wait(int n = 1) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kPatience, [&] { return count_ >= n; });
  }
  int count() {
    const std::lock_guard lock(mutex_);
    return count_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int count_ = 0;
};

// Waits for what another thread will have done soon. → false after kPatience.
inline bool eventually(const std::function<bool()>& is_so) {
  for (const auto end = std::chrono::steady_clock::now() + kPatience; std::chrono::steady_clock::now() < end;) {
    if (is_so()) return true;
    std::this_thread::sleep_for(1ms);
  }
  return false;
}

// Tells what it got: "GET /path query body".
inline void echo(const std::shared_ptr<HttpExchange>& exchange) {
  const HttpRequest& request = exchange->request();
  exchange->send(plain(), request.method + " " + request.path + " " + request.query + " " + request.body);
}

struct RunningServer {
  explicit RunningServer(HttpHandler handler, HttpServerOptions options = local_options(), HttpAdmit admit = {})
      : server(std::move(options), std::move(handler), std::move(admit)) {
    server.start();
  }
  RawClient client() const { return RawClient(server.port()); }

  HttpServer server;
};

}  // namespace loam::test
