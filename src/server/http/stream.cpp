#include "server/http/stream.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/error.h"

namespace loam {
namespace {

constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);

class PlainStream final : public Stream {
 public:
  using Stream::Stream;

  asio::awaitable<bool> handshake() override { co_return true; }

  asio::awaitable<IoResult> read_some(asio::mutable_buffer out) override {
    const auto [fault, n] = co_await socket_.async_read_some(out, kAwait);
    co_return IoResult{fault, n};
  }

  asio::awaitable<IoResult> write_some(asio::const_buffer bytes) override {
    const auto [fault, n] = co_await socket_.async_write_some(bytes, kAwait);
    co_return IoResult{fault, n};
  }

  asio::awaitable<void> say_goodbye() override {
    boost::system::error_code ignored;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    co_return;
  }
};

class TlsStream final : public Stream {
 public:
  TlsStream(asio::ip::tcp::socket socket, asio::ssl::context& context)
      : Stream(std::move(socket)), tls_(socket_, context) {}

  asio::awaitable<bool> handshake() override {
    const auto [fault] = co_await tls_.async_handshake(asio::ssl::stream_base::server, kAwait);
    co_return !fault;
  }

  asio::awaitable<IoResult> read_some(asio::mutable_buffer out) override {
    const auto [fault, n] = co_await tls_.async_read_some(out, kAwait);
    co_return IoResult{fault, n};
  }

  asio::awaitable<IoResult> write_some(asio::const_buffer bytes) override {
    const auto [fault, n] = co_await tls_.async_write_some(bytes, kAwait);
    co_return IoResult{fault, n};
  }

  asio::awaitable<void> say_goodbye() override { co_await tls_.async_shutdown(kAwait); }

 private:
  asio::ssl::stream<asio::ip::tcp::socket&> tls_;
};

}  // namespace

void Stream::close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

std::unique_ptr<Stream> make_plain_stream(asio::ip::tcp::socket socket) {
  return std::make_unique<PlainStream>(std::move(socket));
}

std::unique_ptr<Stream> make_tls_stream(asio::ip::tcp::socket socket, asio::ssl::context& context) {
  return std::make_unique<TlsStream>(std::move(socket), context);
}

std::unique_ptr<asio::ssl::context> make_tls_context(const std::string& certificate_file, const std::string& key_file) {
  auto context = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
  SSL_CTX_set_min_proto_version(context->native_handle(), TLS1_2_VERSION);
  context->set_options(asio::ssl::context::single_dh_use | SSL_OP_NO_RENEGOTIATION);
  const auto check = [](const boost::system::error_code& fault, const std::string& file, const char* what) {
    if (fault) throw Error(Error::Code::invalid, std::string(what) + ": " + fault.message(), file);
  };
  boost::system::error_code fault;
  context->use_certificate_chain_file(certificate_file, fault);
  check(fault, certificate_file, "cannot use the file as a certificate in PEM form");
  context->use_private_key_file(key_file, asio::ssl::context::pem, fault);
  check(fault, key_file, "cannot use the file as the certificate's private key in PEM form");
  return context;
}

}  // namespace loam
