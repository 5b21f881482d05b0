#include <atomic>
#include <filesystem>
#include <vector>

#include "tests/server/running_server.h"

namespace loam::test {
namespace {

int n_descriptors() {
  return static_cast<int>(std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {}));
}

TEST(Leaving, IsNoticedWhileNothingIsWritten) {
  for (const bool by_reset : {false, true}) {
    Signal begun, closed;
    std::shared_ptr<HttpExchange> kept;
    RunningServer running([&](const std::shared_ptr<HttpExchange>& exchange) {
      kept = exchange;
      exchange->on_close([&] { closed.set(); });
      begun.set();
    });
    RawClient client = running.client();
    client.send(get("/"));
    ASSERT_TRUE(begun.wait());
    EXPECT_TRUE(kept->is_open());
    by_reset ? client.reset() : client.close();
    EXPECT_TRUE(closed.wait());
    EXPECT_FALSE(kept->is_open());
    int n_late = 0;
    kept->on_close([&] { ++n_late; });
    EXPECT_EQ(n_late, 1) << "who asks after the client has left is told at once";
    kept.reset();
    EXPECT_TRUE(eventually([&] { return running.server.n_connections() == 0; }));
    EXPECT_EQ(closed.count(), 1);
  }
}

TEST(Leaving, IsNotTheEndOfAnAnswer) {
  Signal closed;
  RunningServer running([&](const std::shared_ptr<HttpExchange>& exchange) {
    exchange->on_close([&] { closed.set(); });
    echo(exchange);
  });
  RawClient client = running.client();
  client.ask(get("/"));
  client.close();
  EXPECT_TRUE(eventually([&] { return running.server.n_connections() == 0; }));
  EXPECT_EQ(closed.count(), 0);
}

// Old tools close their half of the connection once they have asked.
TEST(Leaving, AClientThatOnlyReadsGetsItsAnswer) {
  RunningServer running(echo);
  RawClient client = running.client();
  client.send(post("/", "x"));
  client.finish_sending();
  EXPECT_EQ(client.read_response().body, "POST /  x");
  EXPECT_TRUE(client.at_end());
}

TEST(Leaving, FiveHundredTimesInMidStreamLeavesNothingBehind) {
  constexpr int kTimes = 500;
  std::mutex mutex;
  std::vector<std::shared_ptr<HttpExchange>> exchanges;
  std::vector<std::weak_ptr<HttpExchange>> watched;
  Signal closed;
  RunningServer running([&](const std::shared_ptr<HttpExchange>& exchange) {
    // The callback owns the exchange, as one does that hands it on.
    exchange->on_close([&, exchange] { closed.set(); });
    exchange->begin(plain());
    exchange->write("first");
    const std::lock_guard lock(mutex);
    exchanges.push_back(exchange);
    watched.push_back(exchange);
  });
  running.client().ask("GET / HTTP/1.1\r\n\r\n");  // whatever is opened once, is now
  const int before = n_descriptors();
  for (int i = 0; i < kTimes; ++i) {
    RawClient client = running.client();
    client.send(get("/"));
    EXPECT_TRUE(client.read_until("first").ends_with("first"));
    if (i % 2) client.reset();
  }
  EXPECT_TRUE(closed.wait(kTimes));
  {
    const std::lock_guard lock(mutex);
    for (const auto& exchange : exchanges) {
      exchange->write("second");
      exchange->end();
    }
    exchanges.clear();
  }
  EXPECT_TRUE(eventually([&] { return running.server.n_connections() == 0; }));
  EXPECT_EQ(closed.count(), kTimes);
  for (const auto& exchange : watched) EXPECT_TRUE(exchange.expired());
  EXPECT_LE(n_descriptors(), before);
}

TEST(Leaving, AReaderThatIsTooSlowIsDropped) {
  HttpLimits limits;
  limits.unsent_bytes = 64 << 10;
  Signal closed;
  RunningServer running(
      [&](const std::shared_ptr<HttpExchange>& exchange) {
        exchange->on_close([&] { closed.set(); });
        exchange->begin(plain());
        const std::string chunk(1 << 10, 'x');
        while (exchange->is_open()) exchange->write(chunk);
      },
      local_options(limits));
  RawClient client = running.client();
  client.send(get("/"));
  EXPECT_TRUE(closed.wait());
  EXPECT_TRUE(eventually([&] { return running.server.n_connections() == 0; }));
  EXPECT_FALSE(client.read_response().whole);
}

TEST(Leaving, AReaderThatTakesNothingIsDropped) {
  HttpLimits limits;
  limits.write_time = 50ms;
  RunningServer running(
      [](const std::shared_ptr<HttpExchange>& exchange) { exchange->send(plain(), std::string(64 << 20, 'x')); },
      local_options(limits));
  RawClient client = running.client();
  client.send(get("/"));
  client.read_until("\r\n\r\n");
  EXPECT_TRUE(eventually([&] { return running.server.n_connections() == 0; }));
}

TEST(Leaving, OneThatReadsAfterAllGetsEverything) {
  RunningServer running(
      [](const std::shared_ptr<HttpExchange>& exchange) { exchange->send(plain(), std::string(64 << 20, 'x')); });
  RawClient client = running.client();
  EXPECT_EQ(client.ask(get("/")).body.size(), 64u << 20);
}

}  // namespace
}  // namespace loam::test
