// One client's connection: reads its requests one after the other, hands each on, and writes the answer.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "server/http/exchange_state.h"
#include "server/http/request_parser.h"
#include "server/http/server.h"
#include "server/http/stream.h"

namespace loam {

// What the connections of a server share. All of it, and all of a Connection, belongs to the thread that runs `io`.
struct ConnectionContext {
  std::shared_ptr<asio::io_context> io;
  HttpLimits limits;
  HttpAdmit admit;
  std::function<void(std::shared_ptr<HttpExchange>, bool quick)> dispatch;
  size_t bodies_bytes = 0;  // of all requests that have not been answered
  bool stopping = false;    // no further request is read
};

// What coroutines wait for; they check themselves whether it is so.
class Event {
 public:
  explicit Event(asio::io_context& io) : timer_(io, asio::steady_timer::time_point::max()) {}
  void notify() { timer_.cancel(); }
  asio::awaitable<void> wait();

 private:
  asio::steady_timer timer_;
};

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using Clock = std::chrono::steady_clock;

  // `ends` holds what a request's bytes do not say: peer, local address and port.
  Connection(ConnectionContext& context, std::unique_ptr<Stream> stream, HttpRequest ends);

  // Serves until the connection closes, then calls `closed`. A refusal is all that the client gets.
  void start(std::function<void()> closed, std::optional<HttpAnswer> refusal = {});

  void close();          // at once
  void close_if_idle();  // where no request has begun to arrive
  void check_deadlines(Clock::time_point now);
  bool is_answering() const { return phase_ == Phase::answering; }
  Clock::time_point waiting_since() const { return waiting_since_; }  // for a whole request
  const HttpRequest& ends() const { return ends_; }

 private:
  enum class Phase { handshake, idle, receiving, answering, leaving, closed };
  struct Admitted {
    std::optional<HttpAnswer> refusal;
    bool quick = false;
  };

  asio::awaitable<void> run(std::optional<HttpAnswer> refusal);
  asio::awaitable<void> read_ahead();
  asio::awaitable<bool> serve_one();
  asio::awaitable<bool> receive(RequestParser& parser, bool only_head);
  asio::awaitable<Admitted> receive_request(RequestParser& parser);
  asio::awaitable<bool> answer(HttpRequest request, ExchangeState::Framing framing, Admitted admitted);
  asio::awaitable<bool> send_output();
  asio::awaitable<bool> write(std::string_view bytes);
  asio::awaitable<void> leave();

  void set_phase(Phase phase);
  void set_read_time(std::chrono::milliseconds time) { read_deadline_ = Clock::now() + time; }
  void feed(RequestParser& parser);
  Admitted admit(RequestParser& parser) const;
  ExchangeState::Framing framing(const RequestParser& parser, bool understood) const;
  void count_body(RequestParser& parser);
  void set_body_bytes(size_t bytes);
  void notice_end_of_input();

  ConnectionContext& context_;
  std::unique_ptr<Stream> stream_;
  const HttpRequest ends_;
  Phase phase_ = Phase::handshake;
  Clock::time_point waiting_since_ = Clock::now(), body_since_;
  std::optional<Clock::time_point> read_deadline_, write_deadline_;
  bool timed_out_ = false;     // the read deadline has passed while a request arrived
  bool end_of_input_ = false;  // the client sends nothing more
  bool has_served_ = false;
  std::string input_;      // received, not yet parsed
  size_t body_bytes_ = 0;  // this connection's part of the context's sum
  Event input_event_, room_event_, output_event_;
  std::shared_ptr<ExchangeState> exchange_;  // while answering
};

}  // namespace loam
