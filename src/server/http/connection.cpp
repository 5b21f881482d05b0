#include "server/http/connection.h"

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/log.h"
#include "server/http/http_error.h"

namespace loam {
namespace {

constexpr size_t kReadBytes = 8 << 10;
constexpr size_t kMostInput = 64 << 10;      // read ahead of what has been parsed
constexpr size_t kMostWrite = 64 << 10;      // at a time, so that progress is seen
constexpr size_t kLeastBodyRate = 16 << 10;  // bytes that give a body a second more
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

void log_failure(const std::exception_ptr& fault, const std::string& peer) {
  try {
    if (fault) std::rethrow_exception(fault);
  } catch (const std::exception& error) {
    log(LogLevel::error, "connection failed", {{"peer", peer}, {"reason", error.what()}});
  }
}

}  // namespace

asio::awaitable<void> Event::wait() { co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable)); }

Connection::Connection(ConnectionContext& context, std::unique_ptr<Stream> stream, HttpRequest ends)
    : context_(context),
      stream_(std::move(stream)),
      ends_(std::move(ends)),
      input_event_(*context.io),
      room_event_(*context.io),
      output_event_(*context.io) {}

void Connection::start(std::function<void()> closed, std::optional<HttpAnswer> refusal) {
  set_phase(Phase::handshake);
  asio::co_spawn(*context_.io, run(std::move(refusal)),
                 [self = shared_from_this(), closed = std::move(closed)](const std::exception_ptr& fault) {
                   log_failure(fault, self->ends_.peer);
                   self->close();
                   self->set_body_bytes(0);
                   closed();
                 });
}

// Each phase has a time of its own.
void Connection::set_phase(Phase phase) {
  if (phase_ == Phase::closed) return;
  phase_ = phase;
  timed_out_ = false;
  const HttpLimits& limits = context_.limits;
  switch (phase) {
    case Phase::handshake:
    case Phase::receiving: return set_read_time(limits.header_time);
    case Phase::idle: return set_read_time(has_served_ ? limits.idle_time : limits.header_time);
    case Phase::leaving: return set_read_time(limits.linger_time);
    case Phase::answering:
    case Phase::closed: read_deadline_.reset();
  }
}

void Connection::check_deadlines(Clock::time_point now) {
  if (write_deadline_ && now >= *write_deadline_) return close();
  if (!read_deadline_ || now < *read_deadline_) return;
  if (phase_ != Phase::receiving) return close();
  timed_out_ = true;
  input_event_.notify();
}

void Connection::close_if_idle() {
  if (phase_ == Phase::idle) close();
}

void Connection::close() {
  if (phase_ == Phase::closed) return;
  set_phase(Phase::closed);
  stream_->close();
  notice_end_of_input();
}

void Connection::notice_end_of_input() {
  end_of_input_ = true;
  input_event_.notify();
  room_event_.notify();
  output_event_.notify();
  if (const auto exchange = exchange_) exchange->client_left();
}

// What has come of the body gives it more time, and counts among all bodies.
void Connection::count_body(RequestParser& parser) {
  const size_t bytes = parser.request().body.size();
  read_deadline_ = body_since_ + context_.limits.body_time + std::chrono::seconds(bytes / kLeastBodyRate);
  set_body_bytes(bytes);
  if (context_.bodies_bytes > context_.limits.all_bodies_bytes)
    throw HttpError(503, "too many large requests at a time; try again", "overloaded").with_header("Retry-After", "1");
}

void Connection::set_body_bytes(size_t bytes) {
  context_.bodies_bytes += bytes - body_bytes_;
  body_bytes_ = bytes;
}

asio::awaitable<void> Connection::run(std::optional<HttpAnswer> refusal) {
  if (!co_await stream_->handshake()) co_return;
  set_phase(Phase::idle);
  asio::co_spawn(
      *context_.io, [self = shared_from_this()] { return self->read_ahead(); },
      [self = shared_from_this()](const std::exception_ptr& fault) {
        log_failure(fault, self->ends_.peer);
        if (fault) self->close();
      });
  if (refusal) {
    Admitted refused;
    refused.refusal = std::move(refusal);
    co_await answer(ends_, {.keep_alive = false}, std::move(refused));
  } else {
    while (co_await serve_one()) has_served_ = true;
  }
  if (phase_ != Phase::closed) co_await leave();
}

// Reads whatever comes, also while a request is answered: that is how a client's leaving is noticed.
asio::awaitable<void> Connection::read_ahead() {
  std::array<char, kReadBytes> bytes;
  while (phase_ != Phase::closed) {
    if (input_.size() >= kMostInput) {
      co_await room_event_.wait();
      continue;
    }
    const IoResult read = co_await stream_->read_some(asio::buffer(bytes));
    if (read.fault && read.fault != asio::error::eof) close();
    if (read.fault) break;
    if (phase_ == Phase::leaving) continue;
    input_.append(bytes.data(), read.n);
    input_event_.notify();
  }
  notice_end_of_input();
}

// → whether the connection can take another request.
asio::awaitable<bool> Connection::serve_one() {
  set_phase(Phase::idle);
  waiting_since_ = Clock::now();
  RequestParser parser(context_.limits, ends_);
  Admitted admitted;
  bool understood = true;
  try {
    admitted = co_await receive_request(parser);
  } catch (const HttpError& error) {
    admitted.refusal = error.answer(ErrorStyle::openai);
    understood = false;
  }
  if (!admitted.refusal && !parser.is_done()) co_return false;  // the client has left
  const ExchangeState::Framing way = framing(parser, understood);
  const bool goes_on = co_await answer(std::move(parser.request()), way, std::move(admitted));
  set_body_bytes(0);
  co_return goes_on;
}

// The connection can go on only where this request's end has been seen.
ExchangeState::Framing Connection::framing(const RequestParser& parser, bool understood) const {
  return {.http_1_0 = parser.framing().http_1_0,
          .keep_alive = understood && parser.is_done() && parser.framing().keeps_alive && !context_.stopping,
          .unsent_bytes = context_.limits.unsent_bytes};
}

asio::awaitable<Connection::Admitted> Connection::receive_request(RequestParser& parser) {
  Admitted admitted;
  if (!co_await receive(parser, true)) co_return admitted;
  admitted = admit(parser);
  if (admitted.refusal || parser.is_done()) co_return admitted;
  if (parser.framing().expects_continue && input_.empty() && !co_await write(kContinue)) co_return admitted;
  body_since_ = Clock::now();
  count_body(parser);
  co_await receive(parser, false);
  co_return admitted;
}

Connection::Admitted Connection::admit(RequestParser& parser) const {
  Admitted admitted;
  if (!context_.admit) return admitted;
  HttpAdmission admission = context_.admit(parser.request());
  admitted.quick = admission.quick;
  if (admission.refusal) admitted.refusal = std::move(*admission.refusal);
  return admitted;
}

// → false where the client has left before. Throws HttpError where what it sends is wrong, or comes too slowly.
asio::awaitable<bool> Connection::receive(RequestParser& parser, bool only_head) {
  for (;;) {
    feed(parser);
    if (parser.is_done() || (only_head && parser.has_head())) co_return true;
    if (end_of_input_) co_return false;
    if (timed_out_) throw HttpError(408, "the request did not arrive in time", "timeout");
    co_await input_event_.wait();
  }
}

void Connection::feed(RequestParser& parser) {
  if (input_.empty()) return;
  if (phase_ == Phase::idle) set_phase(Phase::receiving);
  const bool had_head = parser.has_head();
  input_.erase(0, parser.feed(input_));
  room_event_.notify();
  if (had_head) count_body(parser);
}

asio::awaitable<bool> Connection::answer(HttpRequest request, ExchangeState::Framing framing, Admitted admitted) {
  set_phase(Phase::answering);
  const auto wake = [io = context_.io, connection = weak_from_this()] {
    asio::post(*io, [connection] {
      if (const auto self = connection.lock()) self->output_event_.notify();
    });
  };
  exchange_ = std::make_shared<ExchangeState>(std::move(request), framing, wake);
  if (end_of_input_) exchange_->client_left();
  if (admitted.refusal) {
    exchange_->send(std::move(admitted.refusal->head), std::move(admitted.refusal->body));
  } else {
    context_.dispatch(make_exchange(exchange_), admitted.quick);
  }
  const bool whole = co_await send_output();
  const auto exchange = std::exchange(exchange_, nullptr);
  exchange->log();
  co_return whole && exchange->keeps_alive() && !end_of_input_ && !context_.stopping;
}

// → false where the connection has been closed before the answer's end.
asio::awaitable<bool> Connection::send_output() {
  while (phase_ != Phase::closed) {
    const ExchangeState::Output output = exchange_->take_output();
    if (output.failed) {
      close();
    } else if (!output.bytes.empty()) {
      co_await write(output.bytes);
    } else if (output.ended) {
      co_return true;
    } else {
      co_await output_event_.wait();
    }
  }
  co_return false;
}

// → false, closed, where the client takes no more.
asio::awaitable<bool> Connection::write(std::string_view bytes) {
  while (!bytes.empty() && phase_ != Phase::closed) {
    write_deadline_ = Clock::now() + context_.limits.write_time;
    const IoResult written =
        co_await stream_->write_some(asio::buffer(bytes.data(), std::min(bytes.size(), kMostWrite)));
    write_deadline_.reset();
    if (written.fault) close();
    bytes.remove_prefix(written.n);
    if (exchange_) exchange_->sent(written.n);
  }
  co_return phase_ != Phase::closed;
}

// Closing while something unread has come would take from the client what it has not read yet of the last answer.
asio::awaitable<void> Connection::leave() {
  set_phase(Phase::leaving);
  input_.clear();
  room_event_.notify();
  co_await stream_->say_goodbye();
  while (!end_of_input_) co_await input_event_.wait();
}

}  // namespace loam
