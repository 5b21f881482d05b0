#include "server/http/exchange_state.h"

#include <fmt/format.h>

#include <stdexcept>

#include "base/log.h"
#include "server/http/http_error.h"
#include "server/http/response_head.h"

namespace loam {

ExchangeState::ExchangeState(HttpRequest request, Framing framing, std::function<void()> wake)
    : request_(std::move(request)), framing_(framing), wake_(std::move(wake)) {}

bool ExchangeState::has_body(int status) const { return request_.method != "HEAD" && status != 204 && status != 304; }

void ExchangeState::start(Phase next) {
  if (phase_ != Phase::waiting) throw std::logic_error("this request has been answered already");
  phase_ = next;
}

std::string ExchangeState::head_bytes(const HttpHead& head, bool is_stream, size_t body_bytes) {
  status_ = head.status;
  std::string out = response_head(head);
  for (const auto& [name, value] : headers_) out += header_line(name, value);
  if (!request_.id.empty()) out += header_line("X-Request-Id", request_.id);
  if (is_stream) {
    chunked_ = !framing_.http_1_0 && has_body(head.status);
    if (chunked_) out += "Transfer-Encoding: chunked\r\n";
    if (framing_.http_1_0) framing_.keep_alive = false;
  } else if (head.status != 204 && head.status != 304) {
    out += fmt::format("Content-Length: {}\r\n", body_bytes);
  }
  if (!framing_.keep_alive) out += "Connection: close\r\n";
  if (framing_.keep_alive && framing_.http_1_0) out += "Connection: keep-alive\r\n";
  return out + "\r\n";
}

void ExchangeState::append(std::string_view bytes) {
  if (!open_ && phase_ == Phase::streaming) return;  // a whole answer is sent even to a client that only reads
  output_ += bytes;
  n_unsent_ += bytes.size();
}

// A mistake in what a handler left behind must not end what serves everybody.
void ExchangeState::call(const std::function<void()>& closed) const {
  try {
    closed();
  } catch (const std::exception& error) {
    loam::log(LogLevel::error, "on_close failed", {{"id", request_.id}, {"reason", error.what()}});
  }
}

// One wake-up for all that is written until the connection takes it.
void ExchangeState::wake_once(std::unique_lock<std::mutex>& lock) {
  if (std::exchange(wake_pending_, true)) return;
  lock.unlock();
  wake_();
}

// What on_close was given may own the exchange; nothing will call it any more.
void ExchangeState::finish(std::unique_lock<std::mutex>& lock) {
  std::vector<std::function<void()>> unneeded = std::exchange(on_close_, {});
  phase_ = Phase::ended;
  wake_once(lock);
  if (lock.owns_lock()) lock.unlock();
}

void ExchangeState::send(HttpHead head, std::string body) {
  std::unique_lock lock(mutex_);
  start(Phase::ended);
  append(head_bytes(head, false, body.size()));
  if (has_body(head.status)) append(body);
  finish(lock);
}

void ExchangeState::begin(HttpHead head) {
  std::unique_lock lock(mutex_);
  start(Phase::streaming);
  append(head_bytes(head, true, 0));
  wake_once(lock);
}

void ExchangeState::write(std::string_view chunk) {
  std::unique_lock lock(mutex_);
  if (phase_ != Phase::streaming) throw std::logic_error("write() without begin(), or after end()");
  if (chunk.empty() || !open_ || failed_ || !has_body(status_)) return;  // an empty chunk would end the stream
  if (n_unsent_ > 0 && n_unsent_ + chunk.size() > framing_.unsent_bytes) {
    failed_ = true;
  } else if (chunked_) {
    append(fmt::format("{:x}\r\n", chunk.size()));
    append(chunk);
    append("\r\n");
  } else {
    append(chunk);
  }
  wake_once(lock);
}

void ExchangeState::wait_for_client() {
  std::unique_lock lock(mutex_);
  taken_.wait(lock, [&] { return n_unsent_ == 0 || !open_ || failed_; });
}

void ExchangeState::end() {
  std::unique_lock lock(mutex_);
  if (phase_ != Phase::streaming) throw std::logic_error("end() without begin(), or twice");
  if (chunked_) append("0\r\n\r\n");
  finish(lock);
}

void ExchangeState::abandon() {
  std::unique_lock lock(mutex_);
  if (phase_ == Phase::ended) return;
  if (phase_ == Phase::waiting && open_) {
    lock.unlock();
    HttpAnswer answer = HttpError(500, "the request was not answered; its id is " + request_.id).answer({});
    return send(std::move(answer.head), std::move(answer.body));
  }
  failed_ = true;
  finish(lock);
}

bool ExchangeState::has_begun() const {
  const std::lock_guard lock(mutex_);
  return phase_ != Phase::waiting;
}

bool ExchangeState::is_open() const {
  const std::lock_guard lock(mutex_);
  return open_;
}

void ExchangeState::on_close(std::function<void()> closed) {
  {
    const std::lock_guard lock(mutex_);
    if (open_) {
      if (phase_ != Phase::ended) on_close_.push_back(std::move(closed));
      return;
    }
  }
  call(closed);
}

void ExchangeState::set_header(std::string name, std::string value) {
  const std::lock_guard lock(mutex_);
  headers_.add(std::move(name), std::move(value));
}

void ExchangeState::note(std::string name, std::string value) {
  const std::lock_guard lock(mutex_);
  notes_.emplace_back(std::move(name), std::move(value));
}

ExchangeState::Output ExchangeState::take_output() {
  const std::lock_guard lock(mutex_);
  wake_pending_ = false;
  Output out{.bytes = std::move(output_), .ended = phase_ == Phase::ended, .failed = failed_};
  output_.clear();
  return out;
}

void ExchangeState::sent(size_t n) {
  const std::lock_guard lock(mutex_);
  n_unsent_ -= n;
  n_sent_ += n;
  taken_.notify_all();
}

void ExchangeState::client_left() {
  std::vector<std::function<void()>> callbacks;
  {
    const std::lock_guard lock(mutex_);
    if (!std::exchange(open_, false)) return;
    if (phase_ != Phase::ended) callbacks.swap(on_close_);
    taken_.notify_all();
  }
  for (const auto& closed : callbacks) call(closed);
}

bool ExchangeState::keeps_alive() const {
  const std::lock_guard lock(mutex_);
  return framing_.keep_alive;
}

void ExchangeState::log() const {
  const std::lock_guard lock(mutex_);
  const std::chrono::duration<double, std::milli> time = std::chrono::steady_clock::now() - started_;
  LogFields fields{{"id", request_.id},     {"peer", request_.peer}, {"method", request_.method},
                   {"path", request_.path}, {"status", status_},     {"received", request_.body.size()},
                   {"sent", n_sent_},       {"ms", time.count()}};
  if (!open_) fields.emplace_back("client_left", true);
  for (const auto& [name, value] : notes_) fields.emplace_back(name, value);
  loam::log(LogLevel::info, "request", fields);
}

namespace {

class Exchange final : public HttpExchange {
 public:
  explicit Exchange(std::shared_ptr<ExchangeState> state) : state_(std::move(state)) {}
  ~Exchange() override { state_->abandon(); }
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  const HttpRequest& request() const override { return state_->request(); }
  void send(HttpHead head, std::string body) override { state_->send(std::move(head), std::move(body)); }
  void begin(HttpHead head) override { state_->begin(std::move(head)); }
  void write(std::string_view chunk) override { state_->write(chunk); }
  void wait_for_client() override { state_->wait_for_client(); }
  void end() override { state_->end(); }
  bool has_begun() const override { return state_->has_begun(); }
  bool is_open() const override { return state_->is_open(); }
  void on_close(std::function<void()> closed) override { state_->on_close(std::move(closed)); }
  void set_header(std::string name, std::string value) override {
    state_->set_header(std::move(name), std::move(value));
  }
  void note(std::string name, std::string value) override { state_->note(std::move(name), std::move(value)); }

 private:
  std::shared_ptr<ExchangeState> state_;
};

}  // namespace

std::shared_ptr<HttpExchange> make_exchange(std::shared_ptr<ExchangeState> state) {
  return std::make_shared<Exchange>(std::move(state));
}

}  // namespace loam
