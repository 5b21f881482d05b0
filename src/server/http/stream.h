// A connection's bytes, plain or through TLS. One of the headers with Asio in them: only this folder's .cpp files
// include them.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <string>

namespace loam {

namespace asio = boost::asio;

struct IoResult {
  boost::system::error_code fault;
  size_t n = 0;
};

// One read and one write may be under way at a time. After close() both end with a fault.
class Stream {
 public:
  explicit Stream(asio::ip::tcp::socket socket) : socket_(std::move(socket)) {}
  virtual ~Stream() = default;

  virtual asio::awaitable<bool> handshake() = 0;
  virtual asio::awaitable<IoResult> read_some(asio::mutable_buffer out) = 0;
  virtual asio::awaitable<IoResult> write_some(asio::const_buffer bytes) = 0;
  virtual asio::awaitable<void> say_goodbye() = 0;  // nothing more will be written

  void close();

 protected:
  asio::ip::tcp::socket socket_;
};

std::unique_ptr<Stream> make_plain_stream(asio::ip::tcp::socket socket);
std::unique_ptr<Stream> make_tls_stream(asio::ip::tcp::socket socket, asio::ssl::context& context);

// TLS 1.2 or later, by two PEM files. Error(invalid) naming the file that is wrong.
std::unique_ptr<asio::ssl::context> make_tls_context(const std::string& certificate_file, const std::string& key_file);

}  // namespace loam
