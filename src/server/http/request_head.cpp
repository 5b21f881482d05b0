#include "server/http/request_head.h"

#include <algorithm>
#include <charconv>

#include "server/http/http_error.h"
#include "server/http/target.h"

namespace loam {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// What methods and field names are made of.
bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  const auto is_part = [&](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || kMarks.find(c) != std::string_view::npos;
  };
  return !text.empty() && std::ranges::all_of(text, is_part);
}

bool is_field_value(std::string_view text) {
  return std::ranges::none_of(text,
                              [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F; });
}

std::string_view take_line(std::string_view& rest) {
  const size_t end = rest.find(kLineEnd);
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end + kLineEnd.size());
  return line;
}

// → whether it is 1.0.
bool parse_version(std::string_view text) {
  if (text == "HTTP/1.1") return false;
  if (text == "HTTP/1.0") return true;
  if (text.size() == 8 && text.starts_with("HTTP/") && is_digit(text[5]) && text[6] == '.' && is_digit(text[7]))
    throw HttpError(505, "only HTTP/1.1 and HTTP/1.0 are spoken here", "http_version");
  throw malformed("the request line has no version");
}

struct RequestLine {
  std::string_view method, target;
  bool http_1_0;
};

RequestLine parse_request_line(std::string_view line) {
  const size_t first = line.find(' '), last = line.rfind(' ');
  if (first == last) throw malformed("the request line has no three parts");
  const RequestLine parts{.method = line.substr(0, first),
                          .target = line.substr(first + 1, last - first - 1),
                          .http_1_0 = parse_version(line.substr(last + 1))};
  if (!is_token(parts.method)) throw malformed("the method is no word");
  if (parts.target.find(' ') != std::string_view::npos) throw malformed("the request line has more than three parts");
  return parts;
}

void parse_field(std::string_view line, HttpHeaders& headers) {
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) throw malformed("a header field has no colon");
  const std::string_view name = line.substr(0, colon), value = trimmed(line.substr(colon + 1));
  if (!is_token(name)) throw malformed("a header field's name is no word");
  if (!is_field_value(value)) throw malformed("a header field has a control character");
  headers.add(std::string(name), std::string(value));
}

void check_host(const HttpHeaders& headers, bool http_1_0, const std::string& authority) {
  const int n_hosts = headers.count("host");
  if (n_hosts > 1) throw malformed("more than one Host");
  if (n_hosts == 0 && !http_1_0) throw malformed("no Host");
  if (!authority.empty() && !equal_ignoring_case(authority, headers.get("host")))
    throw malformed("the address names another host than Host does");
}

uint64_t content_length(const HttpHeaders& headers) {
  const int n_lengths = headers.count("content-length");
  if (n_lengths == 0) return 0;
  const std::string_view text = headers.get("content-length");
  uint64_t length = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), length);
  if (n_lengths > 1 || text.empty() || fault != std::errc() || end != text.data() + text.size())
    throw malformed("Content-Length is not one number");
  return length;
}

bool is_chunked(const HttpHeaders& headers, bool http_1_0) {
  const int n_codings = headers.count("transfer-encoding");
  if (n_codings == 0) return false;
  if (headers.find("content-length")) throw malformed("Content-Length with Transfer-Encoding");
  if (http_1_0) throw malformed("Transfer-Encoding in HTTP/1.0");
  if (n_codings > 1 || !equal_ignoring_case(headers.get("transfer-encoding"), "chunked"))
    throw malformed("only the transfer coding 'chunked' is supported");
  return true;
}

bool expects_continue(const HttpHeaders& headers) {
  const std::string* expect = headers.find("expect");
  if (expect && !equal_ignoring_case(*expect, "100-continue"))
    throw HttpError(417, "only 'Expect: 100-continue' is supported", "unknown_expectation");
  return expect != nullptr;
}

}  // namespace

HttpError malformed(const std::string& why) { return HttpError(400, "malformed HTTP: " + why, "malformed_http"); }

void check_lines(std::string_view head, size_t begin) {
  for (size_t i = head.find('\n', begin); i != std::string_view::npos; i = head.find('\n', i + 1)) {
    if (i == 0 || head[i - 1] != '\r') throw malformed("a line ends without CR");
    if (i + 1 < head.size() && (head[i + 1] == ' ' || head[i + 1] == '\t'))
      throw malformed("a header field continues on a second line");
  }
}

RequestFraming parse_request_head(std::string_view head, HttpRequest& request) {
  const RequestLine line = parse_request_line(take_line(head));
  HttpTarget target = parse_target(line.method, line.target);
  request.method = line.method;
  request.path = std::move(target.path);
  request.query = std::move(target.query);
  HttpHeaders& headers = request.headers;
  for (std::string_view field = take_line(head); !field.empty(); field = take_line(head)) parse_field(field, headers);
  check_host(headers, line.http_1_0, target.authority);

  RequestFraming framing{
      .http_1_0 = line.http_1_0,
      .keeps_alive = line.http_1_0 ? headers.lists("connection", "keep-alive") : !headers.lists("connection", "close"),
      .expects_continue = expects_continue(headers) && !line.http_1_0,
      .chunked = is_chunked(headers, line.http_1_0),
      .content_length = content_length(headers)};
  if ((framing.chunked || framing.content_length > 0) && (request.method == "GET" || request.method == "HEAD"))
    throw malformed(request.method + " with a body");
  return framing;
}

}  // namespace loam
