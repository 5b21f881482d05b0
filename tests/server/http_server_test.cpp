#include <sys/resource.h>

#include <atomic>
#include <filesystem>
#include <vector>

#include "base/error.h"
#include "tests/server/running_server.h"

namespace loam::test {
namespace {

TEST(HttpServer, AnswersAndKeepsTheConnection) {
  RunningServer running(echo);
  RawClient client = running.client();
  for (int i = 0; i < 3; ++i) {
    const Response response = client.ask(post("/a%20b?x=1", "body"));
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.body, "POST /a b x=1 body");
    EXPECT_EQ(response.headers.get("content-type"), "text/plain");
    EXPECT_TRUE(response.headers.find("date"));
    EXPECT_FALSE(response.headers.find("connection"));
  }
  EXPECT_EQ(client.ask(get("/", "Connection: close\r\n")).headers.get("connection"), "close");
  EXPECT_TRUE(client.at_end());
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
    exchange->write("");  // must not end the stream
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
  client.send(get("/again"));
  EXPECT_EQ(client.read_response().body, "firstsecond") << "the connection was not kept";
}

TEST(HttpServer, SpeaksHttp10WithoutChunks) {
  RunningServer running([](const std::shared_ptr<HttpExchange>& exchange) {
    if (exchange->request().path == "/whole") return echo(exchange);
    exchange->begin(plain());
    exchange->write("a");
    exchange->write("b");
    exchange->end();
  });
  RawClient stream = running.client();
  stream.send("GET / HTTP/1.0\r\n\r\n");
  const std::string answer = stream.read_all();
  EXPECT_TRUE(answer.ends_with("\r\n\r\nab")) << answer;
  EXPECT_EQ(answer.find("chunked"), std::string::npos);

  RawClient kept = running.client();
  const std::string keep = "GET /whole HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
  EXPECT_EQ(kept.ask(keep).headers.get("connection"), "keep-alive");
  EXPECT_EQ(kept.ask(keep).status, 200);
}

TEST(HttpServer, HeadHasTheHeadersOnly) {
  RunningServer running([](const std::shared_ptr<HttpExchange>& exchange) {
    if (exchange->request().path == "/whole") return echo(exchange);
    exchange->begin(plain());
    exchange->write("ab");
    exchange->end();
  });
  RawClient client = running.client();
  for (const char* path : {"/whole", "/stream"}) {
    client.send("HEAD " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_EQ(client.read_response(false).status, 200);
  }
  EXPECT_EQ(client.ask(get("/whole")).body, "GET /whole  ");
}

TEST(HttpServer, AsksForTheBodyOnceTheHeadIsAdmitted) {
  RunningServer running(echo, local_options(), [](const HttpRequest& request) {
    HttpAdmission admission;
    if (request.path == "/no") admission.refusal = std::make_unique<HttpAnswer>(HttpAnswer{plain(403), "no"});
    return admission;
  });
  const std::string head = " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n";
  RawClient client = running.client();
  client.send("POST /yes" + head);
  EXPECT_EQ(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_EQ(client.ask("body").body, "POST /yes  body");
  const Response refused = client.ask("POST /no" + head);
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.headers.get("connection"), "close") << "what follows may be the body or a request";
  EXPECT_TRUE(client.at_end());
}

TEST(HttpServer, ARefusalOfAWholeRequestKeepsTheConnection) {
  RunningServer running(echo, local_options(), [](const HttpRequest& request) {
    HttpAdmission admission;
    if (request.path == "/no") admission.refusal = std::make_unique<HttpAnswer>(HttpAnswer{plain(403), "no"});
    return admission;
  });
  RawClient client = running.client();
  EXPECT_EQ(client.ask(get("/no")).status, 403);
  EXPECT_EQ(client.ask(get("/yes")).status, 200);
}

TEST(HttpServer, NothingEndsAHeaderEarly) {
  RunningServer running([](const std::shared_ptr<HttpExchange>& exchange) {
    exchange->set_header("X-Set", "c\r\nX-Evil: 2");
    HttpHead head = plain();
    head.headers.add("X-Given", "a\r\n\r\nb");
    exchange->send(std::move(head), "");
  });
  RawClient client = running.client();
  const Response response = client.ask(get("/"));
  EXPECT_EQ(response.headers.get("x-given"), "a    b");
  EXPECT_EQ(response.headers.get("x-set"), "c  X-Evil: 2");
  EXPECT_FALSE(response.headers.find("x-evil"));
}

TEST(HttpServer, AnUnansweredExchangeIsA500AndABrokenStreamIsNoticed) {
  RunningServer running([](const std::shared_ptr<HttpExchange>& exchange) {
    if (exchange->request().path == "/throw") throw std::runtime_error("x");
    if (exchange->request().path != "/stream") return;
    exchange->begin(plain());
    exchange->write("half");
  });
  for (const char* path : {"/", "/throw"}) {
    RawClient client = running.client();
    const Response response = client.ask(get(path));
    EXPECT_EQ(response.status, 500);
    EXPECT_NE(response.body.find(response.headers.get("x-request-id")), std::string::npos);
  }
  RawClient client = running.client();
  const Response broken = client.ask(get("/stream"));
  EXPECT_FALSE(broken.whole);
}

TEST(HttpServer, AnsweringTwiceIsAFaultOfTheHandlerOnly) {
  Signal thrown;
  RunningServer running([&](const std::shared_ptr<HttpExchange>& exchange) {
    echo(exchange);
    try {
      exchange->send(plain(), "again");
    } catch (const std::logic_error&) {
      thrown.set();
    }
  });
  RawClient client = running.client();
  EXPECT_EQ(client.ask(get("/")).body, "GET /  ");
  EXPECT_TRUE(thrown.wait());
  EXPECT_EQ(client.ask(get("/")).body, "GET /  ");
}

// What a handler leaves running must not occupy the thread of what answers at once.
TEST(HttpServer, SlowHandlersDoNotKeepQuickOnes) {
  HttpLimits limits;
  limits.workers = 2;
  Signal go_on;
  RunningServer running(
      [&](const std::shared_ptr<HttpExchange>& exchange) {
        if (exchange->request().path == "/slow" && !go_on.wait()) return;
        echo(exchange);
      },
      local_options(limits),
      [](const HttpRequest& request) { return HttpAdmission{.refusal = {}, .quick = request.path == "/health"}; });
  std::vector<RawClient> slow;
  for (int i = 0; i < 5; ++i) {
    slow.push_back(running.client());
    slow.back().send(get("/slow"));
  }
  RawClient client = running.client();
  for (int i = 0; i < 10; ++i) EXPECT_EQ(client.ask(get("/health")).status, 200);
  go_on.set();
  for (RawClient& one : slow) EXPECT_EQ(one.read_response().body, "GET /slow  ");
}

TEST(HttpServer, TwoHundredStreamsAtATime) {
  constexpr int kStreams = 200, kChunks = 20;
  std::mutex mutex;
  std::vector<std::shared_ptr<HttpExchange>> exchanges;
  Signal begun;
  RunningServer running([&](std::shared_ptr<HttpExchange> exchange) {
    exchange->begin(plain());
    const std::lock_guard lock(mutex);
    exchanges.push_back(std::move(exchange));
    begun.set();
  });
  std::vector<RawClient> clients;
  for (int i = 0; i < kStreams; ++i) {
    clients.push_back(running.client());
    clients.back().send(get("/"));
  }
  ASSERT_TRUE(begun.wait(kStreams));
  for (int chunk = 0; chunk < kChunks; ++chunk)
    for (const auto& exchange : exchanges) exchange->write("token ");
  for (const auto& exchange : exchanges) exchange->end();
  exchanges.clear();
  for (RawClient& client : clients) {
    const Response response = client.read_response();
    EXPECT_TRUE(response.whole);
    EXPECT_EQ(response.body.size(), 6u * kChunks);
  }
}

TEST(HttpServer, StopLetsAnswersEndAndTakesNothingNew) {
  Signal begun, go_on;
  RunningServer running([&](const std::shared_ptr<HttpExchange>& exchange) {
    exchange->begin(plain());
    begun.set();
    EXPECT_TRUE(go_on.wait());
    exchange->write("to the end");
    exchange->end();
  });
  RawClient idle = running.client(), busy = running.client();
  busy.send(get("/"));
  ASSERT_TRUE(begun.wait());
  std::thread stopping([&] { running.server.stop(60s); });
  EXPECT_TRUE(idle.at_end());
  EXPECT_FALSE(running.client().connected());
  go_on.set();
  EXPECT_EQ(busy.read_response().body, "to the end");
  EXPECT_TRUE(busy.at_end());
  busy.close();
  stopping.join();
  EXPECT_EQ(running.server.n_connections(), 0);
}

TEST(HttpServer, StopClosesWhatDoesNotEnd) {
  Signal begun, closed;
  std::shared_ptr<HttpExchange> kept;
  RunningServer running([&](const std::shared_ptr<HttpExchange>& exchange) {
    exchange->begin(plain());
    exchange->on_close([&] { closed.set(); });
    kept = exchange;
    begun.set();
  });
  RawClient client = running.client();
  client.send(get("/"));
  ASSERT_TRUE(begun.wait());
  running.server.stop(10ms);
  EXPECT_EQ(closed.count(), 1);
  EXPECT_FALSE(kept->is_open());
  kept->write("too late");
  kept->end();  // the exchange outlives its server
}

TEST(HttpServer, SaysWhatIsWrongWithItsAddress) {
  const auto fault = [](HttpServerOptions options) -> std::string {
    try {
      HttpServer(std::move(options), echo).start();
    } catch (const Error& error) {
      return error.what();
    }
    return "none";
  };
  HttpServerOptions options = local_options();
  options.host = "nowhere.example";
  EXPECT_NE(fault(options).find("invalid:--host: 'nowhere.example'"), std::string::npos) << fault(options);
  RunningServer running(echo);
  options = local_options();
  options.port = running.server.port();
  EXPECT_NE(fault(options).find("io:--port: cannot listen on port"), std::string::npos) << fault(options);
  options = local_options();
  options.host = "localhost";
  EXPECT_EQ(fault(options), "none");
}

}  // namespace
}  // namespace loam::test
