// What a connection and an exchange share: the bytes on their way to the client, and whether it is still there.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "server/http/exchange.h"

namespace loam {

// Handlers call it from any thread; the connection takes what they wrote on its own.
class ExchangeState {
 public:
  struct Framing {
    bool http_1_0 = false;    // no chunks: a stream ends with the connection
    bool keep_alive = true;   // the connection stays open afterwards
    size_t unsent_bytes = 0;  // most that may wait in a stream
  };
  // `wake` tells the connection that there is something to take; any thread, must not block.
  ExchangeState(HttpRequest request, Framing framing, std::function<void()> wake);

  // The handler's side.
  const HttpRequest& request() const { return request_; }
  void send(HttpHead head, std::string body);
  void begin(HttpHead head);
  void write(std::string_view chunk);
  void wait_for_client();
  void end();
  void abandon();  // its last owner has let go of it
  bool has_begun() const;
  bool is_open() const;
  void on_close(std::function<void()> closed);
  void set_header(std::string name, std::string value);
  void note(std::string name, std::string value);

  // The connection's side.
  struct Output {
    std::string bytes;
    bool ended = false;   // nothing more will come
    bool failed = false;  // the connection must be closed: dropped for its slowness, or abandoned in mid-stream
  };
  Output take_output();
  void sent(size_t n);  // so many bytes of the output are on their way
  void client_left();   // calls what on_close was given
  bool keeps_alive() const;
  void log() const;  // the line of the access log

 private:
  enum class Phase { waiting, streaming, ended };

  // With the mutex held.
  std::string head_bytes(const HttpHead& head, bool is_stream, size_t body_bytes);
  void start(Phase next);
  void append(std::string_view bytes);
  bool has_body(int status) const;
  void call(const std::function<void()>& closed) const;

  // The same, and they let go of it.
  void wake_once(std::unique_lock<std::mutex>& lock);
  void finish(std::unique_lock<std::mutex>& lock);

  const HttpRequest request_;
  Framing framing_;
  const std::function<void()> wake_;
  const std::chrono::steady_clock::time_point started_ = std::chrono::steady_clock::now();

  mutable std::mutex mutex_;
  std::condition_variable taken_;
  Phase phase_ = Phase::waiting;
  bool chunked_ = false, open_ = true, failed_ = false, wake_pending_ = false;
  int status_ = 0;
  std::string output_;
  size_t n_unsent_ = 0, n_sent_ = 0;
  std::vector<std::function<void()>> on_close_;
  HttpHeaders headers_;
  std::vector<std::pair<std::string, std::string>> notes_;
};

// The handler's handle: the last owner's letting go of it is noticed.
std::shared_ptr<HttpExchange> make_exchange(std::shared_ptr<ExchangeState> state);

}  // namespace loam
