#include "server/http/request_parser.h"

#include <gtest/gtest.h>

#include "server/http/http_error.h"
#include "server/http/server.h"
#include "server/http/target.h"
#include "tests/server/bad_requests.h"

namespace loam::test {
namespace {

struct Parsed {
  int status = 0;  // of the refusal; 0: none
  bool done = false;
  HttpRequest request;
  std::string rest;
};

// Feeds `step` bytes at a time, as a connection does.
Parsed parse(const std::string& bytes, size_t step) {
  const HttpLimits limits;
  RequestParser parser(limits, {});
  Parsed out;
  try {
    for (size_t i = 0; i < bytes.size() && !parser.is_done(); i += step) {
      out.rest += bytes.substr(i, step);
      out.rest.erase(0, parser.feed(out.rest));
    }
  } catch (const HttpError& error) {
    out.status = error.status();
  }
  out.done = parser.is_done();
  out.request = std::move(parser.request());
  return out;
}

TEST(RequestParser, RefusesEveryBadRequestHoweverItArrives) {
  for (const BadRequest& bad : bad_requests())
    for (const size_t step : {size_t{1}, size_t{7}, size_t{1460}, bad.bytes.size()})
      EXPECT_EQ(parse(bad.bytes, step).status, bad.status)
          << bad.row << " " << bad.name << ", " << step << " at a time";
}

TEST(RequestParser, ReadsTheSameHoweverItArrives) {
  const std::string bytes =
      "POST /v1/a%20b%2Fc?d=e HTTP/1.1\r\nhost: localhost:80\r\nX-Long:  a\tb  \r\nTransfer-Encoding: Chunked\r\n\r\n"
      "3\r\nabc\r\n1a;x=y;z=\"q\"\r\nabcdefghijklmnopqrstuvwxyz\r\n00\r\nTrailer: x\r\nContent-Length: 3\r\n\r\n";
  const std::string next = "GET / HTTP/1.1\r\n";
  for (size_t step = 1; step <= bytes.size() + next.size(); ++step) {
    const Parsed parsed = parse(bytes + next, step);
    ASSERT_EQ(parsed.status, 0) << step;
    ASSERT_TRUE(parsed.done) << step;
    EXPECT_EQ(parsed.request.method, "POST");
    EXPECT_EQ(parsed.request.path, "/v1/a b/c");
    EXPECT_EQ(parsed.request.query, "d=e");
    EXPECT_EQ(parsed.request.headers.get("HOST"), "localhost:80");
    EXPECT_EQ(parsed.request.headers.get("x-long"), "a\tb");
    EXPECT_FALSE(parsed.request.headers.find("trailer")) << "a trailer must not pass for a header";
    EXPECT_EQ(parsed.request.body, "abcabcdefghijklmnopqrstuvwxyz");
    EXPECT_TRUE(next.starts_with(parsed.rest)) << step;
  }
}

TEST(RequestParser, TakesWhatIsAllowed) {
  const std::string host = "Host: localhost\r\n";
  std::string hundred;
  for (int i = 0; i < 99; ++i) hundred += "a: b\r\n";
  for (const std::string& bytes :
       {"GET / HTTP/1.1\r\n" + host + "\r\n", "\r\nGET / HTTP/1.1\r\n" + host + "\r\n",
        "GET / HTTP/1.1\r\n" + host + "Content-Length: 0\r\n\r\n", "GET / HTTP/1.1\r\n" + host + hundred + "\r\n",
        "OPTIONS * HTTP/1.1\r\n" + host + "\r\n", "GET http://localhost/x HTTP/1.1\r\n" + host + "\r\n",
        "GET http://LOCALHOST?x HTTP/1.1\r\n" + host + "\r\n", std::string("GET / HTTP/1.0\r\n\r\n"),
        "DELETE / HTTP/1.1\r\n" + host + "Content-Length: 1\r\n\r\na", "GET //v1 HTTP/1.1\r\n" + host + "\r\n",
        "GET /%ED%95%9C HTTP/1.1\r\n" + host + "\r\n",
        "GET /" + std::string(8'100, 'a') + " HTTP/1.1\r\n" + host + "\r\n",
        "GET / HTTP/1.1\r\n" + host + "a: " + std::string(30'000, 'b') + "\r\n\r\n"}) {
    const Parsed parsed = parse(bytes, 1000);
    EXPECT_EQ(parsed.status, 0) << bytes.substr(0, 80);
    EXPECT_TRUE(parsed.done) << bytes.substr(0, 80);
  }
}

TEST(RequestParser, EndlessChunksEndAtTheCap) {
  const HttpLimits limits;
  RequestParser parser(limits, {});
  std::string bytes = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
  bytes.erase(0, parser.feed(bytes));
  size_t n = 0;
  try {
    for (; n < 2 * limits.body_bytes; ++n) {
      bytes += "1\r\nx\r\n";
      bytes.erase(0, parser.feed(bytes));
    }
  } catch (const HttpError& error) {
    EXPECT_EQ(error.status(), 413);
  }
  EXPECT_EQ(n, limits.body_bytes);
}

TEST(RequestParser, KeepsAClientsIdOnlyWhereItIsSane) {
  const auto id = [](const std::string& given) {
    return parse("GET / HTTP/1.1\r\nHost: a\r\nX-Request-Id: " + given + "\r\n\r\n", 1000).request.id;
  };
  EXPECT_EQ(id("Ab-1._"), "Ab-1._");
  for (const std::string& insane : {std::string(""), std::string("a b"), std::string("<x>"), std::string(65, 'a')})
    EXPECT_TRUE(id(insane).starts_with("req-")) << insane;
  EXPECT_NE(id(""), id(""));
}

TEST(ParseTarget, KeepsEmptySegments) {
  EXPECT_EQ(parse_target("GET", "//v1").path, "//v1");
  EXPECT_EQ(parse_target("GET", "/v1/").path, "/v1/");
  EXPECT_EQ(parse_target("GET", "/...").path, "/...");
  EXPECT_EQ(parse_target("GET", "http://a:1/b?c?d").path, "/b");
  EXPECT_EQ(parse_target("GET", "http://a:1/b?c?d").authority, "a:1");
  EXPECT_EQ(parse_target("GET", "http://a:1/b?c?d").query, "c?d");
}

}  // namespace
}  // namespace loam::test
