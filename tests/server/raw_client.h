// A client that sends exactly the bytes it is told, and reads what comes back.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "server/http/headers.h"
#include "tests/support/support.h"

namespace loam::test {

struct Response {
  int status = 0;  // 0: the connection ended before a whole head
  HttpHeaders headers;
  std::string body;
  bool whole = false;  // the body's end has been seen
};

class RawClient {
 public:
  explicit RawClient(uint16_t port) : fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  }
  ~RawClient() { close(); }
  RawClient(RawClient&& other) noexcept
      : fd_(std::exchange(other.fd_, -1)), connected_(other.connected_), received_(std::move(other.received_)) {}
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool connected() const { return connected_; }
  int descriptor() const { return fd_; }

  // → false once the server has closed.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<size_t>(n));
    }
    return true;
  }

  // Reads until `text` has come, and returns all up to its end; what there is where the connection ends before.
  std::string read_until(std::string_view text) {
    size_t at;
    while ((at = received_.find(text)) == std::string::npos)
      if (!receive()) return std::exchange(received_, {});
    const size_t end = at + text.size();
    std::string out = received_.substr(0, end);
    received_.erase(0, end);
    return out;
  }

  std::string read_all() {
    while (receive()) {
    }
    return std::exchange(received_, {});
  }

  bool has_input() {
    pollfd ready{fd_, POLLIN, 0};
    return !received_.empty() || poll(&ready, 1, 0) > 0;
  }

  // The server has closed, and nothing was left to read.
  bool at_end() { return received_.empty() && !receive(); }

  Response read_response(bool has_body = true) {
    Response response;
    const std::string head = read_until("\r\n\r\n");
    if (head.size() < 12 || !head.ends_with("\r\n\r\n")) return response;
    response.status = std::atoi(head.c_str() + 9);
    for (size_t begin = head.find("\r\n") + 2; begin + 2 < head.size();) {
      const size_t end = head.find("\r\n", begin), colon = head.find(':', begin);
      response.headers.add(head.substr(begin, colon - begin),
                           std::string(trimmed(head.substr(colon + 1, end - colon - 1))));
      begin = end + 2;
    }
    if (!has_body || response.status == 204) {
      response.whole = true;
    } else if (response.headers.get("transfer-encoding") == "chunked") {
      response.whole = read_chunks(response.body);
    } else if (const std::string* length = response.headers.find("content-length")) {
      response.whole = read_bytes(static_cast<size_t>(std::atoll(length->c_str())), response.body);
    } else {
      response.body = read_all();
      response.whole = true;
    }
    return response;
  }

  Response ask(std::string_view request) {
    send(request);
    return read_response();
  }

  void finish_sending() { shutdown(fd_, SHUT_WR); }
  void close() {
    if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  }
  // Closes with a reset instead of a farewell.
  void reset() {
    const linger at_once{1, 0};
    setsockopt(fd_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close();
  }

 private:
  // → false at the end. A server that says nothing for kPatience fails the test.
  bool receive() {
    pollfd ready{fd_, POLLIN, 0};
    if (poll(&ready, 1, std::chrono::milliseconds(kPatience).count()) <= 0) {
      ADD_FAILURE() << "the server did not answer";
      return false;
    }
    char buffer[16 << 10];
    const ssize_t n = recv(fd_, buffer, sizeof buffer, 0);
    if (n <= 0) return false;
    received_.append(buffer, static_cast<size_t>(n));
    return true;
  }

  bool read_bytes(size_t n, std::string& out) {
    while (received_.size() < n)
      if (!receive()) return false;
    out += received_.substr(0, n);
    received_.erase(0, n);
    return true;
  }

  bool read_chunks(std::string& out) {
    for (;;) {
      const std::string line = read_until("\r\n");
      if (!line.ends_with("\r\n")) return false;
      const size_t n = std::strtoul(line.c_str(), nullptr, 16);
      if (n > 0 && !read_bytes(n, out)) return false;
      if (read_until("\r\n") != "\r\n") return false;
      if (n == 0) return true;
    }
  }

  int fd_;
  bool connected_ = false;
  std::string received_;
};

inline std::string get(const std::string& path, const std::string& fields = "") {
  return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + fields + "\r\n";
}

inline std::string post(const std::string& path, const std::string& body, const std::string& fields = "") {
  return "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n" + fields + "\r\n" + body;
}

}  // namespace loam::test
