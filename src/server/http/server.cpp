#include "server/http/server.h"

#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "base/error.h"
#include "base/log.h"
#include "server/http/connection.h"
#include "server/http/http_error.h"
#include "server/http/worker_pool.h"

namespace loam {
namespace {

using asio::ip::tcp;
using std::chrono::milliseconds;

constexpr int kMostRefused = 64;  // connections that wait to be told so; beyond, they are just closed
constexpr milliseconds kPauseWithoutDescriptors{50};

std::vector<tcp::endpoint> endpoints_of(const HttpServerOptions& options) {
  if (options.host == "localhost")
    return {{asio::ip::address_v4::loopback(), options.port}, {asio::ip::address_v6::loopback(), options.port}};
  boost::system::error_code fault;
  const auto address = asio::ip::make_address(options.host, fault);
  if (fault)
    throw Error(
        Error::Code::invalid,
        fmt::format("'{}' is no address of this machine: give one such as 127.0.0.1, 0.0.0.0 (all), or localhost",
                    options.host),
        "--host");
  return {{address, options.port}};
}

// ::ffff:10.0.0.1 is 10.0.0.1.
asio::ip::address plain_address(const asio::ip::address& address) {
  if (!address.is_v6() || !address.to_v6().is_v4_mapped()) return address;
  return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
}

// Whom connections are counted for: an IPv4 address, or the /64 network that an IPv6 client chooses its addresses from.
std::string address_key(const asio::ip::address& address) {
  if (address.is_v4()) return address.to_string();
  const auto bytes = address.to_v6().to_bytes();
  return fmt::format("{:02x}", fmt::join(bytes.begin(), bytes.begin() + 8, ":"));
}

// The timeouts are looked at so often that none is exceeded by much.
milliseconds check_period(const HttpLimits& limits) {
  const auto shortest =
      std::min({limits.header_time, limits.body_time, limits.idle_time, limits.write_time, limits.linger_time});
  return std::clamp(shortest / 8, milliseconds(5), milliseconds(500));
}

// A client whose machine or network is gone says no farewell: after 30 s of silence it is asked three times, 10 s
// apart.
void notice_lost_clients(tcp::socket& socket) {
  boost::system::error_code ignored;
  socket.set_option(asio::socket_base::keep_alive(true), ignored);
  const std::pair<int, int> settings[] = {{TCP_KEEPIDLE, 30}, {TCP_KEEPINTVL, 10}, {TCP_KEEPCNT, 3}};
  for (const auto& [name, value] : settings)
    setsockopt(socket.native_handle(), IPPROTO_TCP, name, &value, sizeof value);
}

// Each connection is an open file; so are models, logs and what the system itself opens.
void allow_open_files(int n_connections) {
  constexpr rlim_t kOthers = 512;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  const rlim_t wanted = std::min(limit.rlim_max, static_cast<rlim_t>(n_connections + kMostRefused) + kOthers);
  if (limit.rlim_cur >= wanted) return;
  limit.rlim_cur = wanted;
  setrlimit(RLIMIT_NOFILE, &limit);
}

HttpAnswer busy_answer(const std::string& message) {
  return HttpError(503, message, "too_many_connections").with_header("Retry-After", "1").answer(ErrorStyle::openai);
}

}  // namespace

struct HttpServer::State {
  State(HttpServerOptions given, HttpHandler handler, HttpAdmit admit)
      : options(std::move(given)), workers(options.limits.workers), checks(*io) {
    context.io = io;
    context.limits = options.limits;
    context.admit = std::move(admit);
    context.dispatch = [this, handler = std::move(handler)](std::shared_ptr<HttpExchange> exchange, bool quick) {
      auto job = [handler, exchange = std::move(exchange)] { run_handler(handler, exchange); };
      quick ? workers.submit_quick(std::move(job)) : workers.submit(std::move(job));
    };
  }

  static void run_handler(const HttpHandler& handler, const std::shared_ptr<HttpExchange>& exchange) {
    try {
      handler(exchange);
    } catch (const std::exception& error) {
      log(LogLevel::error, "handler failed", {{"id", exchange->request().id}, {"reason", error.what()}});
    } catch (...) {
      log(LogLevel::error, "handler failed", {{"id", exchange->request().id}});
    }
  }

  void open() {
    const auto endpoints = endpoints_of(options);
    listen(endpoints.front());
    port = acceptors.front().local_endpoint().port();
    if (endpoints.size() == 1) return;
    try {
      listen({endpoints.back().address(), port});
    } catch (const Error& error) {  // no IPv6 here: 127.0.0.1 is enough
      log(LogLevel::debug, "not listening", {{"reason", error.what()}});
    }
  }

  void listen(const tcp::endpoint& endpoint) {
    tcp::acceptor acceptor(*io);
    boost::system::error_code fault;
    acceptor.open(endpoint.protocol(), fault);
    if (!fault) acceptor.set_option(tcp::acceptor::reuse_address(true), fault);
    if (!fault) acceptor.bind(endpoint, fault);
    if (!fault) acceptor.listen(asio::socket_base::max_listen_connections, fault);
    if (fault)
      throw Error(
          Error::Code::io,
          fmt::format("cannot listen on port {} of {}: {}{}", endpoint.port(), endpoint.address().to_string(),
                      fault.message(), fault == asio::error::address_in_use ? "; choose another one with --port" : ""),
          "--port");
    acceptors.push_back(std::move(acceptor));
  }

  asio::awaitable<void> accept(tcp::acceptor& acceptor) {
    while (acceptor.is_open()) {
      auto [fault, socket] = co_await acceptor.async_accept(asio::as_tuple(asio::use_awaitable));
      if (!acceptor.is_open()) break;
      std::string reason = fault.message();
      try {
        if (!fault) take(std::move(socket));
        if (!fault) continue;
      } catch (const std::exception& error) {  // out of memory
        reason = error.what();
      }
      log(LogLevel::warning, "cannot accept connections", {{"reason", reason}});
      close_longest_waiting();
      asio::steady_timer pause(*io, kPauseWithoutDescriptors);
      co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
    }
  }

  void take(tcp::socket socket) {
    boost::system::error_code fault, local_fault;
    const tcp::endpoint peer = socket.remote_endpoint(fault), local = socket.local_endpoint(local_fault);
    if (fault || local_fault) return;  // it has left already
    socket.set_option(tcp::no_delay(true), fault);
    notice_lost_clients(socket);
    const auto address = plain_address(peer.address());
    HttpRequest ends;
    ends.peer = address.to_string();
    ends.peer_is_loopback = address.is_loopback();
    ends.local_address = plain_address(local.address()).to_string();
    ends.local_port = local.port();
    ends.is_tls = tls != nullptr;
    add(std::move(socket), std::move(ends), address_key(address));
  }

  void add(tcp::socket socket, HttpRequest ends, const std::string& key) {
    std::optional<HttpAnswer> refusal = refusal_of(ends, key);
    if (refusal && n_refused >= kMostRefused) return;
    auto stream = tls ? make_tls_stream(std::move(socket), *tls) : make_plain_stream(std::move(socket));
    auto connection = std::make_shared<Connection>(context, std::move(stream), std::move(ends));
    connections.emplace(connection, refusal ? "" : key);
    ++(refusal ? n_refused : n_of_address[key]);
    n_connections = static_cast<int>(connections.size());
    connection->start([this, self = std::weak_ptr(connection)] { forget(self.lock()); }, std::move(refusal));
  }

  std::optional<HttpAnswer> refusal_of(const HttpRequest& ends, const std::string& key) {
    const HttpLimits& limits = options.limits;
    const int most = ends.peer_is_loopback ? limits.connections_of_loopback : limits.connections_of_address;
    const auto found = n_of_address.find(key);
    if (most > 0 && found != n_of_address.end() && found->second >= most)
      return busy_answer(fmt::format("{} connections from one address are the most; try again later", most));
    if (static_cast<int>(connections.size()) - n_refused >= limits.connections && !close_longest_waiting())
      return busy_answer(fmt::format("{} connections are the most; try again later", limits.connections));
    return {};
  }

  // Of the connections without a whole request, that which has had the longest time to send one.
  bool close_longest_waiting() {
    std::shared_ptr<Connection> longest;
    for (const auto& [connection, key] : connections) {
      if (connection->is_answering() || key.empty()) continue;
      if (!longest || connection->waiting_since() < longest->waiting_since()) longest = connection;
    }
    if (!longest) return false;
    longest->close();
    forget(longest);
    return true;
  }

  void forget(const std::shared_ptr<Connection>& connection) {
    const auto found = connections.find(connection);
    if (found == connections.end()) return;
    const std::string& key = found->second;
    if (key.empty()) {
      --n_refused;
    } else if (--n_of_address[key] == 0) {
      n_of_address.erase(key);
    }
    connections.erase(found);
    const std::lock_guard lock(mutex);
    n_connections = static_cast<int>(connections.size());
    changed.notify_all();
  }

  asio::awaitable<void> check_deadlines() {
    for (;;) {
      checks.expires_after(check_period(options.limits));
      const auto [fault] = co_await checks.async_wait(asio::as_tuple(asio::use_awaitable));
      if (fault || closing) co_return;
      const auto now = Connection::Clock::now();
      for (const auto& [connection, _] : connections) connection->check_deadlines(now);
    }
  }

  void run() {
    for (;;) {
      try {
        io->run();
        return;
      } catch (const std::exception& error) {
        log(LogLevel::error, "server failed", {{"reason", error.what()}});
      }
    }
  }

  void stop_accepting() {
    context.stopping = true;
    boost::system::error_code ignored;
    for (tcp::acceptor& acceptor : acceptors) acceptor.close(ignored);
    for (const auto& [connection, _] : connections) connection->close_if_idle();
  }

  void close_all() {
    closing = true;
    checks.cancel();
    for (const auto& [connection, _] : connections) connection->close();
    work.reset();
  }

  HttpServerOptions options;
  std::shared_ptr<asio::io_context> io = std::make_shared<asio::io_context>(1);
  asio::executor_work_guard<asio::io_context::executor_type> work = asio::make_work_guard(*io);
  ConnectionContext context;
  WorkerPool workers;
  std::unique_ptr<asio::ssl::context> tls;
  std::vector<tcp::acceptor> acceptors;
  std::map<std::shared_ptr<Connection>, std::string> connections;  // → the address it counts for; "": refused
  std::map<std::string, int> n_of_address;
  int n_refused = 0;
  asio::steady_timer checks;
  bool closing = false;
  uint16_t port = 0;
  std::thread thread;

  std::mutex mutex;  // of what stop() waits for
  std::condition_variable changed;
  std::atomic<int> n_connections = 0;
};

HttpServer::HttpServer(HttpServerOptions options, HttpHandler handler, HttpAdmit admit)
    : state_(std::make_unique<State>(std::move(options), std::move(handler), std::move(admit))) {}

HttpServer::~HttpServer() { stop(); }

void HttpServer::start() {
  State& state = *state_;
  if (!state.options.certificate_file.empty())
    state.tls = make_tls_context(state.options.certificate_file, state.options.key_file);
  allow_open_files(state.options.limits.connections);
  state.open();
  for (tcp::acceptor& acceptor : state.acceptors) asio::co_spawn(*state.io, state.accept(acceptor), asio::detached);
  asio::co_spawn(*state.io, state.check_deadlines(), asio::detached);
  state.thread = std::thread([&state] { state.run(); });
}

uint16_t HttpServer::port() const { return state_->port; }
int HttpServer::n_connections() const { return state_->n_connections; }

void HttpServer::stop(milliseconds grace) {
  State& state = *state_;
  if (!state.thread.joinable()) return;
  asio::post(*state.io, [&state] { state.stop_accepting(); });
  {
    std::unique_lock lock(state.mutex);
    state.changed.wait_for(lock, grace, [&state] { return state.n_connections == 0; });
  }
  asio::post(*state.io, [&state] { state.close_all(); });
  state.thread.join();
  state.workers.stop();
}

}  // namespace loam
