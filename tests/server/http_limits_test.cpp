#include <sys/resource.h>

#include <vector>

#include "tests/server/running_server.h"

namespace loam::test {
namespace {

// Of 1,000 clients and the server, both in this process.
bool may_open_many_files() {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur >= 2'000;
}

TEST(HttpLimits, AHeadThatDoesNotComeIs408) {
  HttpLimits limits;
  limits.header_time = 50ms;
  RunningServer running(echo, local_options(limits));
  RawClient slow = running.client(), silent = running.client();
  slow.send("GET / HTTP/1.1\r\nHost: loc");
  EXPECT_EQ(slow.read_response().status, 408);
  EXPECT_TRUE(slow.at_end());
  EXPECT_TRUE(silent.at_end()) << "nobody who has asked nothing gets an answer";
}

// A byte now and then does not win time.
TEST(HttpLimits, ASlowLorisIs408) {
  HttpLimits limits;
  limits.header_time = 200ms;
  RunningServer running(echo, local_options(limits));
  RawClient loris = running.client(), other = running.client();
  loris.send("GET / HTTP/1.1\r\nHost: localhost\r\nx: ");
  while (running.server.n_connections() == 2) {
    if (!loris.send("y")) break;
    other.ask(get("/"));
    std::this_thread::sleep_for(5ms);
    if (loris.has_input()) break;
  }
  EXPECT_EQ(loris.read_response().status, 408);
}

TEST(HttpLimits, ABodyThatDoesNotComeIs408) {
  HttpLimits limits;
  limits.body_time = 50ms;
  RunningServer running(echo, local_options(limits));
  RawClient client = running.client();
  client.send("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc");
  EXPECT_EQ(client.read_response().status, 408);
  EXPECT_TRUE(client.at_end());
}

TEST(HttpLimits, AnIdleConnectionIsClosed) {
  HttpLimits limits;
  limits.idle_time = 50ms;
  RunningServer running(echo, local_options(limits));
  RawClient client = running.client();
  EXPECT_EQ(client.ask(get("/")).status, 200);
  EXPECT_TRUE(client.at_end());
}

TEST(HttpLimits, AClientThatDoesNotLeaveIsLeft) {
  HttpLimits limits;
  limits.linger_time = 50ms;
  RunningServer running(echo, local_options(limits));
  RawClient client = running.client();
  EXPECT_EQ(client.ask(get("/", "Connection: close\r\n")).status, 200);
  EXPECT_TRUE(eventually([&] { return running.server.n_connections() == 0; }));
}

TEST(HttpLimits, TooManyConnectionsOfOneAddressAre503) {
  HttpLimits limits;
  limits.connections_of_loopback = 4;
  RunningServer running(echo, local_options(limits));
  std::vector<RawClient> clients;
  for (int i = 0; i < 4; ++i) {
    clients.push_back(running.client());
    EXPECT_EQ(clients.back().ask(get("/")).status, 200);
  }
  RawClient fifth = running.client();
  const Response refused = fifth.ask(get("/"));
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.headers.get("retry-after"), "1");
  EXPECT_TRUE(fifth.at_end());
  fifth.close();
  clients.pop_back();
  EXPECT_TRUE(eventually([&] { return running.server.n_connections() == 3; }));
  EXPECT_EQ(running.client().ask(get("/")).status, 200);
}

TEST(HttpLimits, WhoWaitsLongestMakesRoomForANewConnection) {
  HttpLimits limits;
  limits.connections = 2;
  RunningServer running(echo, local_options(limits));
  RawClient first = running.client();
  EXPECT_EQ(first.ask(get("/")).status, 200);
  RawClient second = running.client();
  EXPECT_EQ(second.ask(get("/")).status, 200);
  EXPECT_EQ(first.ask(get("/")).status, 200);  // the second one now waits longer
  EXPECT_EQ(running.client().ask(get("/")).status, 200);
  EXPECT_TRUE(second.at_end());
}

TEST(HttpLimits, WhereAllConnectionsAreBusyANewOneIs503) {
  HttpLimits limits;
  limits.connections = 3;
  Signal begun, go_on;
  RunningServer running(
      [&](const std::shared_ptr<HttpExchange>& exchange) {
        begun.set();
        EXPECT_TRUE(go_on.wait());
        echo(exchange);
      },
      local_options(limits));
  std::vector<RawClient> busy;
  for (int i = 0; i < 3; ++i) {
    busy.push_back(running.client());
    busy.back().send(get("/"));
  }
  ASSERT_TRUE(begun.wait(3));
  for (int i = 0; i < 100; ++i) {  // whoever is refused takes no place of anybody else
    RawClient client = running.client();
    const Response refused = client.ask(get("/"));
    ASSERT_EQ(refused.status, 503) << i;
    EXPECT_EQ(refused.headers.get("retry-after"), "1");
  }
  go_on.set();
  for (RawClient& client : busy) EXPECT_EQ(client.read_response().status, 200);
}

TEST(HttpLimits, AThousandIdleSocketsDoNotKeepOthersOut) {
  if (!may_open_many_files()) GTEST_SKIP() << "needs 2,000 open files (ulimit -n)";
  RunningServer running(echo);
  std::vector<RawClient> idle;
  for (int i = 0; i < 1'000; ++i) {
    idle.push_back(running.client());
    ASSERT_TRUE(idle.back().connected());
    if (i % 2) idle.back().send("GET / HTTP/1.1\r\nHost: lo");  // half of them hang in a request
  }
  for (int i = 0; i < 20; ++i) EXPECT_EQ(running.client().ask(get("/")).status, 200);
  EXPECT_LE(running.server.n_connections(), HttpLimits().connections);
}

TEST(HttpLimits, TooManyLargeBodiesAtATimeAre503) {
  HttpLimits limits;
  limits.all_bodies_bytes = 1 << 20;
  Signal begun, go_on;
  RunningServer running(
      [&](const std::shared_ptr<HttpExchange>& exchange) {
        begun.set();
        EXPECT_TRUE(go_on.wait());
        exchange->send(plain(), "");
      },
      local_options(limits));
  const std::string large(600 << 10, 'x');
  RawClient first = running.client(), second = running.client();
  first.send(post("/", large));
  ASSERT_TRUE(begun.wait());
  const Response refused = second.ask(post("/", large));
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.headers.get("retry-after"), "1");
  go_on.set();
  EXPECT_EQ(first.read_response().status, 200);
  EXPECT_EQ(running.client().ask(post("/", large)).status, 200);
}

}  // namespace
}  // namespace loam::test
