#include "server/http/server.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "base/error.h"
#include "tests/server/raw_client.h"

namespace loam::test {
namespace {

using namespace std::chrono_literals;

HttpServerOptions local_options() {
  HttpServerOptions options;
  options.port = 0;
  return options;
}

HttpHead plain(int status = 200) { return {.status = status, .content_type = "text/plain", .headers = {}}; }

// Something that one thread waits for another to do.
class Signal {
 public:
  void set() {
    const std::lock_guard lock(mutex_);
    is_set_ = true;
    changed_.notify_all();
  }
  bool wait() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, 60s, [this] { return is_set_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool is_set_ = false;
};

// Tells what it got: "GET /path query body".
void echo(const std::shared_ptr<HttpExchange>& exchange) {
  const HttpRequest& request = exchange->request();
  exchange->send(plain(), request.method + " " + request.path + " " + request.query + " " + request.body);
}

class RunningServer {
 public:
  explicit RunningServer(HttpHandler handler, HttpServerOptions options = local_options(), HttpAdmit admit = {})
      : server(std::move(options), std::move(handler), std::move(admit)) {
    server.start();
  }
  RawClient client() const { return RawClient(server.port()); }

  HttpServer server;
};

TEST(HttpServer, AnswersAndKeepsTheConnection) {
  RunningServer running(echo);
  RawClient client = running.client();
  for (int i = 0; i < 3; ++i) {
    const Response response = client.ask(post("/a%20b?x=1", "body"));
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, "POST /a b x=1 body");
    EXPECT_EQ(response.headers.get("content-type"), "text/plain");
    EXPECT_TRUE(response.headers.find("date"));
  }
}

TEST(HttpServer, AnswersPipelinedRequestsInOrder) {
  RunningServer running(echo);
  RawClient client = running.client();
  std::string requests;
  for (int i = 0; i < 200; ++i) requests += post("/" + std::to_string(i), "b" + std::to_string(i));
  client.send(requests);
  for (int i = 0; i < 200; ++i)
    EXPECT_EQ(client.read_response().body, "POST /" + std::to_string(i) + "  b" + std::to_string(i));
}

TEST(HttpServer, ReadsBodiesInChunks) {
  RunningServer running(echo);
  RawClient client = running.client();
  const Response response = client.ask(
      "POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n0123456789\r\n"
      "0\r\nTrailer: x\r\n\r\n");
  EXPECT_EQ(response.body, "POST /  abc0123456789");
  EXPECT_EQ(client.ask(get("/next")).body, "GET /next  ");
}

TEST(HttpServer, StreamsAsItIsWritten) {
  Signal go_on;
  RunningServer running([&](const std::shared_ptr<HttpExchange>& exchange) {
    exchange->begin(plain());
    exchange->write("first");
    EXPECT_TRUE(go_on.wait());
    exchange->write("second");
    exchange->end();
  });
  RawClient client = running.client();
  client.send(get("/"));
  const std::string head = client.read_until("\r\n\r\n");
  EXPECT_NE(head.find("Transfer-Encoding: chunked\r\n"), std::string::npos) << head;
  EXPECT_EQ(client.read_until("first\r\n"), "5\r\nfirst\r\n");
  go_on.set();
  EXPECT_EQ(client.read_until("0\r\n\r\n"), "6\r\nsecond\r\n0\r\n\r\n");
}

}  // namespace
}  // namespace loam::test
