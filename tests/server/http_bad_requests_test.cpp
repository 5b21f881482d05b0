#include <atomic>

#include "tests/server/bad_requests.h"
#include "tests/server/running_server.h"

namespace loam::test {
namespace {

TEST(BadRequests, AreRefusedAndTheConnectionClosedWhileOthersAreServed) {
  std::atomic<int> n_handled = 0;
  RunningServer running([&](const std::shared_ptr<HttpExchange>& exchange) {
    ++n_handled;
    echo(exchange);
  });
  RawClient other = running.client();
  int n = 0;
  for (const BadRequest& bad : bad_requests()) {
    RawClient client = running.client();
    client.send(bad.bytes);
    const Response response = client.read_response(!bad.bytes.starts_with("HEAD"));
    EXPECT_EQ(response.status, bad.status) << bad.name;
    EXPECT_EQ(response.headers.get("connection"), "close") << bad.name;
    EXPECT_TRUE(response.whole) << bad.name;
    if (!response.body.empty()) {
      EXPECT_TRUE(response.body.starts_with(R"({"error":{"message":)")) << response.body;
    }
    EXPECT_EQ(client.read_all(), "") << bad.name;
    EXPECT_EQ(other.ask(get("/" + std::to_string(++n))).status, 200) << bad.name;
  }
  EXPECT_EQ(n_handled, n) << "a bad request, or what was hidden in one, reached the handler";
}

// The client sends all of it before it reads.
TEST(BadRequests, ABodyBeyondTheCapIsAnsweredAlthoughItIsNotRead) {
  RunningServer running(echo);
  RawClient client = running.client();
  EXPECT_TRUE(client.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 20000000\r\n\r\n"));
  client.send(std::string(20'000'000, 'x'));
  EXPECT_EQ(client.read_response().status, 413);
}

TEST(BadRequests, EndlessChunksAreRefused) {
  RunningServer running(echo);
  RawClient client = running.client();
  client.send("POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
  const std::string chunk = "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
  for (int i = 0; i < 161 && client.send(chunk); ++i) {
  }
  EXPECT_EQ(client.read_response().status, 413);
}

TEST(BadRequests, ABodyOfTheCapIsTaken) {
  RunningServer running(echo);
  const std::string body(10 << 20, 'x');
  RawClient client = running.client();
  EXPECT_EQ(client.ask(post("/", body)).body.size(), body.size() + 8);
}

}  // namespace
}  // namespace loam::test
