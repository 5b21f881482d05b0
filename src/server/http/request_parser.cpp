#include "server/http/request_parser.h"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>
#include <boost/beast/http.hpp>

#include "base/human_bytes.h"
#include "server/http/http_error.h"
#include "server/http/server.h"
#include "server/http/target.h"

namespace loam {
namespace {

namespace http = boost::beast::http;

constexpr std::string_view kLineEnd = "\r\n", kHeadEnd = "\r\n\r\n";
constexpr size_t kMostUnusedBytes = 16 << 10;  // of a chunk's size and extensions, or of the fields behind the last one
constexpr size_t kMostEmptyBytes = 8;          // of empty lines before a request

HttpError malformed(const std::string& why) { return HttpError(400, "malformed HTTP: " + why, "malformed_http"); }

// Letters, digits, '.', '_' and '-', at most 64.
bool is_sane_id(std::string_view id) {
  return !id.empty() && id.size() <= 64 && std::ranges::all_of(id, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '_' ||
           c == '-';
  });
}

std::string random_id() {
  unsigned char bytes[12];
  randombytes_buf(bytes, sizeof bytes);
  std::string id = "req-";
  for (const unsigned char byte : bytes) id += fmt::format("{:02x}", byte);
  return id;
}

// Lines that end with "\n" alone and lines that continue the one before: others may take them for something else.
void check_lines(std::string_view head, size_t checked) {
  for (size_t i = head.find('\n', checked); i != std::string_view::npos; i = head.find('\n', i + 1)) {
    if (i == 0 || head[i - 1] != '\r') throw malformed("a line ends without CR");
    if (i + 1 < head.size() && (head[i + 1] == ' ' || head[i + 1] == '\t'))
      throw malformed("a header field continues on a second line");
  }
}

void check_host(const HttpRequest& request, bool is_http_1_0, const std::string& authority) {
  const int n_hosts = request.headers.count("host");
  if (n_hosts > 1) throw malformed("more than one Host");
  if (n_hosts == 0 && !is_http_1_0) throw malformed("no Host");
  if (!authority.empty() && !equal_ignoring_case(authority, request.headers.get("host")))
    throw malformed("the address names another host than Host does");
}

// One way only to tell where the body ends. Content-Length with Transfer-Encoding has been refused before.
void check_body_length(const HttpRequest& request, bool is_http_1_0) {
  const std::string_view length = request.headers.get("content-length");
  if (request.headers.count("content-length") > 1 || length.find(',') != std::string_view::npos)
    throw malformed("more than one Content-Length");
  const int n_codings = request.headers.count("transfer-encoding");
  if (n_codings > 0 && is_http_1_0) throw malformed("Transfer-Encoding in HTTP/1.0");
  if (n_codings > 0 && !equal_ignoring_case(request.headers.get("transfer-encoding"), "chunked"))
    throw HttpError(400, "only the transfer coding 'chunked' is supported", "malformed_http");
  const bool has_body = n_codings > 0 || length.find_first_not_of('0') != std::string_view::npos;
  if (has_body && (request.method == "GET" || request.method == "HEAD"))
    throw malformed(request.method + " with a body");
}

void check_expectation(const HttpRequest& request) {
  const std::string* expect = request.headers.find("expect");
  if (expect && !equal_ignoring_case(*expect, "100-continue"))
    throw HttpError(417, "only 'Expect: 100-continue' is supported", "unknown_expectation");
}

}  // namespace

struct RequestParser::State {
  State(const HttpLimits& most, const HttpRequest& ends) : limits(most), request(ends) {
    request.id = random_id();
    parser.header_limit(static_cast<uint32_t>(limits.header_bytes + kHeadEnd.size()));
    parser.body_limit(limits.body_bytes);
  }

  // Takes bytes up to the head's end, or all.
  size_t take_head(std::string_view bytes) {
    size_t skipped = 0;
    if (head.empty())
      while (skipped < bytes.size() && (bytes[skipped] == '\r' || bytes[skipped] == '\n')) ++skipped;
    n_empty += skipped;
    if (n_empty > kMostEmptyBytes) throw malformed("empty lines instead of a request");
    bytes.remove_prefix(skipped);

    const size_t before = head.size();
    head += bytes.substr(0, limits.header_bytes + 1 - std::min(before, limits.header_bytes));
    const size_t end = head.find(kHeadEnd, before < 3 ? 0 : before - 3);
    if (end != std::string::npos) head.resize(end + kHeadEnd.size());
    check_lines(head, before == 0 ? 0 : before - 1);
    check_head_size();
    const size_t used = skipped + head.size() - before;
    if (end != std::string::npos) parse_head();
    return used;
  }

  void check_head_size() const {
    const size_t line = std::min(head.find(kLineEnd), head.size());
    if (line > limits.request_line_bytes)
      throw HttpError(414, fmt::format("the request line is longer than {} bytes", limits.request_line_bytes),
                      "request_line_too_long");
    if (head.size() > limits.header_bytes)
      throw HttpError(431, fmt::format("the header is longer than {}", human_bytes(limits.header_bytes)),
                      "header_too_large");
    if (std::ranges::count(head, '\n') > limits.header_fields + 2)
      throw HttpError(431, fmt::format("the header has more than {} fields", limits.header_fields), "header_too_large");
  }

  void parse_head() {
    parser.eager(false);
    boost::system::error_code fault;
    parser.put(boost::asio::buffer(head), fault);
    if (fault) throw_fault(fault);
    parser.eager(true);
    has_head = true;
    read_head();
    head = {};
  }

  void read_head() {
    const auto& message = parser.get();
    request.method = std::string(message.method_string());
    for (const auto& field : message.base()) request.headers.add(field.name_string(), field.value());
    if (const std::string_view id = request.headers.get("x-request-id"); is_sane_id(id)) request.id = id;
    const HttpTarget target = parse_target(request.method, std::string(message.target()));
    request.path = target.path;
    request.query = target.query;
    const bool is_1_0 = message.version() == 10;
    check_host(request, is_1_0, target.authority);
    check_body_length(request, is_1_0);
    check_expectation(request);
  }

  size_t take_body(std::string_view bytes) {
    if (parser.is_done() || bytes.empty()) return finish(0);
    boost::system::error_code fault;
    const size_t used = parser.put(boost::asio::buffer(bytes.data(), bytes.size()), fault);
    if (fault && fault != http::error::need_more) throw_fault(fault);
    if (bytes.size() - used > kMostUnusedBytes && !parser.is_done()) throw malformed("a chunk's header is too long");
    return finish(used);
  }

  size_t finish(size_t used) {
    if (parser.is_done() && request.body.empty()) request.body = std::move(parser.get().body());
    return used;
  }

  [[noreturn]] void throw_fault(const boost::system::error_code& fault) const {
    if (fault == http::error::body_limit)
      throw HttpError(413, fmt::format("the body is larger than {}", human_bytes(limits.body_bytes)), "body_too_large");
    const std::string_view line = std::string_view(head).substr(0, head.find(kLineEnd));
    if (fault == http::error::bad_version && line.size() > 8 && line.substr(line.size() - 8, 5) == "HTTP/")
      throw HttpError(505, "only HTTP/1.1 and HTTP/1.0 are supported", "http_version");
    throw malformed(fault.message());
  }

  const HttpLimits& limits;
  http::request_parser<http::string_body> parser;
  std::string head;
  size_t n_empty = 0;
  bool has_head = false;
  HttpRequest request;
};

RequestParser::RequestParser(const HttpLimits& limits, const HttpRequest& ends)
    : state_(std::make_unique<State>(limits, ends)) {}
RequestParser::~RequestParser() = default;

size_t RequestParser::feed(std::string_view bytes) {
  size_t used = 0;
  if (!state_->has_head) used = state_->take_head(bytes);
  if (state_->has_head) used += state_->take_body(bytes.substr(used));
  return used;
}

bool RequestParser::has_begun() const { return state_->has_head || !state_->head.empty(); }
bool RequestParser::has_head() const { return state_->has_head; }
bool RequestParser::is_done() const { return state_->has_head && state_->parser.is_done(); }
bool RequestParser::is_http_1_0() const { return state_->parser.get().version() == 10; }
bool RequestParser::keeps_alive() const { return state_->parser.get().keep_alive(); }

bool RequestParser::expects_continue() const {
  return has_head() && !is_done() && !is_http_1_0() && state_->request.headers.find("expect");
}

size_t RequestParser::body_bytes() const {
  return std::max(state_->request.body.size(), state_->parser.get().body().size());
}

HttpRequest& RequestParser::request() { return state_->request; }

}  // namespace loam
