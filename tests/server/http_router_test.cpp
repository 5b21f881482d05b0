#include "server/http/router.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "server/access/access.h"
#include "server/access/key_store.h"
#include "server/http/server.h"
#include "tests/server/raw_client.h"
#include "tests/server/temporary_folder.h"

namespace loam::test {
namespace {

using Json = nlohmann::ordered_json;

TEST(MatchPattern, TakesSegmentsAndRests) {
  EXPECT_TRUE(match_pattern("/v1/models", "/v1/models"));
  EXPECT_FALSE(match_pattern("/v1/models", "/v1/models/"));
  EXPECT_FALSE(match_pattern("/v1/models", "//v1/models"));
  EXPECT_FALSE(match_pattern("/v1/models/{id}", "/v1/models/"));
  EXPECT_FALSE(match_pattern("/v1/models/{id}", "/v1/models"));
  EXPECT_FALSE(match_pattern("/v1/models/{id}", "/v1/models/a/b"));
  EXPECT_EQ(match_pattern("/v1/models/{id}/x", "/v1/models/a/x")->at("id"), "a");
  EXPECT_EQ(match_pattern("/v1/models/{id...}", "/v1/models/a/b")->at("id"), "a/b");
  EXPECT_EQ(match_pattern("/v1/models/{id...}", "/v1/models/a/")->at("id"), "a/");
  EXPECT_FALSE(match_pattern("/v1/models/{id...}", "/v1/models/"));
  EXPECT_FALSE(match_pattern("/v1/models/{id...}", "/v1/models"));
}

// A server with a few routes and, where asked for, a key for an admin and one for a user.
class RouterTest : public testing::Test {
 protected:
  void start(AccessOptions options = {}) {
    access_ = std::make_unique<Access>(std::move(options), keys_);
    router_ = std::make_unique<Router>(
        std::vector<Route>{
            {.method = "GET", .pattern = "/health", .needed = Role::none, .handler = health, .quick = true},
            {.method = "POST", .pattern = "/v1/echo", .handler = [](Call& call) { call.reply_json(200, call.json()); }},
            {.method = "GET", .pattern = "/v1/models/{id...}", .handler = tell_id},
            {.method = "GET", .pattern = "/slots", .needed = Role::admin, .handler = health},
            {.method = "POST", .pattern = "/fail", .handler = fail},
            {.method = "POST", .pattern = "/v1/messages", .handler = fail, .style = ErrorStyle::anthropic},
            {.method = "POST", .pattern = "/api/chat", .handler = fail, .style = ErrorStyle::ollama},
        },
        *access_);
    HttpServerOptions server;
    server.port = 0;
    server_ = std::make_unique<HttpServer>(
        server, [this](auto exchange) { router_->handle(std::move(exchange)); },
        [this](const HttpRequest& request) { return router_->admit(request); });
    server_->start();
  }
  void TearDown() override { server_.reset(); }

  static void health(Call& call) { call.reply_json(200, {{"user", call.user().name}}); }
  static void tell_id(Call& call) { call.reply_json(200, {{"id", call.parameter("id")}}); }
  static void fail(Call& call) {
    const std::string how = call.json().value("how", "");
    if (how == "invalid") throw Error(Error::Code::invalid, "must be positive", "n");
    if (how == "model") throw Error(Error::Code::model_invalid, "is wrong", "version@4");
    if (how == "http") throw HttpError(429, "too many", "rate_limit_exceeded").with_header("Retry-After", "2");
    if (how == "silent") return;
    throw std::runtime_error("secret detail");
  }

  Response ask(const std::string& request) { return RawClient(server_->port()).ask(request); }

  const TemporaryFolder folder_;
  KeyStore keys_{folder_.file("keys.toml")};
  std::unique_ptr<Access> access_;
  std::unique_ptr<Router> router_;
  std::unique_ptr<HttpServer> server_;
};

TEST_F(RouterTest, CallsTheRoutesHandler) {
  start();
  EXPECT_EQ(ask(post("/v1/echo", R"({"b":1,"a":"ü"})")).body, R"({"b":1,"a":"ü"})");
  EXPECT_EQ(ask(get("/v1/models/a%2Fb:c")).body, R"({"id":"a/b:c"})");
  EXPECT_EQ(ask(get("/health")).body, R"({"user":"local"})");
}

TEST_F(RouterTest, NothingAtAPathIs404AndAWrongMethod405) {
  start();
  const Response missing = ask(get("/v2"));
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(Json::parse(missing.body)["error"]["code"], "not_found");
  const Response wrong = ask(get("/v1/echo"));
  EXPECT_EQ(wrong.status, 405);
  EXPECT_EQ(wrong.headers.get("allow"), "OPTIONS, POST");
  RawClient client(server_->port());
  client.send("HEAD /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
  const Response head = client.read_response(false);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.headers.get("content-length"), "16");
  EXPECT_EQ(client.ask(get("/health")).body, R"({"user":"local"})") << "HEAD was answered with a body";
}

TEST_F(RouterTest, FaultsBecomeErrorsInTheRoutesStyle) {
  start();
  const Response invalid = ask(post("/fail", R"({"how":"invalid"})"));
  EXPECT_EQ(invalid.status, 400);
  EXPECT_EQ(Json::parse(invalid.body), Json::parse(R"({"error":{"message":"must be positive",
      "type":"invalid_request_error","param":"n","code":null}})"));
  const Response model = ask(post("/fail", R"({"how":"model"})"));
  EXPECT_EQ(model.status, 422);
  EXPECT_EQ(Json::parse(model.body)["error"]["message"], "model_invalid:version@4: is wrong");
  const Response http = ask(post("/v1/messages", R"({"how":"http"})"));
  EXPECT_EQ(http.status, 429);
  EXPECT_EQ(http.headers.get("retry-after"), "2");
  EXPECT_EQ(http.body, R"({"type":"error","error":{"type":"rate_limit_error","message":"too many"}})");
  EXPECT_EQ(ask(post("/api/chat", R"({"how":"http"})")).body, R"({"error":"too many"})");
  EXPECT_EQ(ask(get("/api/chat")).body, R"({"error":"/api/chat takes OPTIONS, POST"})");
}

TEST_F(RouterTest, TheUnforeseenIsA500WithTheRequestsId) {
  start();
  for (const char* how : {"", "silent"}) {
    const Response response = ask(post("/fail", Json{{"how", how}}.dump(), "x-request-id: my-id.1\r\n"));
    EXPECT_EQ(response.status, 500);
    EXPECT_EQ(response.headers.get("x-request-id"), "my-id.1");
    EXPECT_NE(response.body.find("my-id.1"), std::string::npos);
    EXPECT_EQ(response.body.find("secret"), std::string::npos);
  }
  EXPECT_EQ(ask(get("/health")).status, 200);
}

TEST_F(RouterTest, JsonIsParsedWithinLimits) {
  start();
  for (const std::string& wrong :
       {std::string("{"), std::string("{}{}"), std::string(100'000, '['), "[" + std::string(1'000'000, '7') + "]"}) {
    const Response response = ask(post("/v1/echo", wrong));
    EXPECT_EQ(response.status, 400) << wrong.substr(0, 20);
    EXPECT_EQ(Json::parse(response.body)["error"]["type"], "invalid_request_error");
  }
}

// bad-inputs.md, row 76.
TEST_F(RouterTest, ForeignHostsAndPagesAre403) {
  start();
  const auto from = [&](const std::string& host, const std::string& fields) {
    return ask("GET /health HTTP/1.1\r\nHost: " + host + "\r\n" + fields + "\r\n").status;
  };
  const std::string own = "localhost:" + std::to_string(server_->port());
  EXPECT_EQ(from(own, ""), 200);
  EXPECT_EQ(from(own, "Origin: http://" + own + "\r\n"), 200);
  EXPECT_EQ(from("evil.example", ""), 403);
  EXPECT_EQ(from("localhost:1", ""), 403);
  EXPECT_EQ(from(own, "Origin: https://evil.example\r\n"), 403);
  EXPECT_EQ(from(own, "Origin: null\r\n"), 403);
}

// Row 77.
TEST_F(RouterTest, OtherBodiesThanJsonAre415) {
  start();
  const auto status = [&](const std::string& fields, const std::string& body = "{}") {
    return ask("POST /v1/echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
               fields + "\r\n" + body)
        .status;
  };
  const std::string json = "Content-Type: application/json\r\n",
                    form = "Content-Type: application/x-www-form-urlencoded\r\n";
  EXPECT_EQ(status(json), 200);
  EXPECT_EQ(status("Content-Type: Application/JSON; charset=utf-8\r\n"), 200);
  EXPECT_EQ(status(json + "Content-Encoding: identity\r\n"), 200);
  EXPECT_EQ(status("Content-Type: text/plain\r\n"), 415);
  EXPECT_EQ(status("Content-Type: multipart/form-data; boundary=x\r\n"), 415);
  EXPECT_EQ(status(json + "Content-Encoding: gzip\r\n", "\x1f\x8b\x08"), 415);
  EXPECT_EQ(status(form), 200) << "curl -d";
  EXPECT_EQ(status(""), 200);
  const std::string own = "http://localhost\r\n";
  for (const std::string& browser : {"Origin: " + own, "Referer: " + own, std::string("Sec-Fetch-Site: none\r\n")}) {
    EXPECT_EQ(status(form + browser), 415) << browser;
    EXPECT_EQ(status(browser), 415) << browser;
    EXPECT_EQ(status(json + browser), 200) << browser;
  }
}

// Row 78. Who has no key is not told what there is.
TEST_F(RouterTest, OnceThereAreKeysOnlyHealthIsOpen) {
  start();
  const std::string admin = "Authorization: Bearer " + keys_.add("anna", Role::admin) + "\r\n";
  const std::string user = "x-api-key: " + keys_.add("ben", Role::user) + "\r\n";
  const std::string wrong = "x-api-key: loam-" + std::string(64, '0') + "\r\n";
  EXPECT_EQ(ask(get("/health")).body, R"({"user":""})");
  EXPECT_EQ(ask(get("/health", wrong)).body, R"({"user":""})");
  EXPECT_EQ(ask(get("/health", user)).body, R"({"user":"ben"})");
  for (const char* path : {"/v1/models/a", "//v1/models/a", "/slots", "/nothing", "/health/", "/Health"}) {
    EXPECT_EQ(ask(get(path)).status, 401) << path;
    EXPECT_EQ(ask(get(path, wrong)).status, 401) << path;
    EXPECT_EQ(ask(get(path, admin + user)).status, 401) << path;
  }
  EXPECT_EQ(ask(get("/v1/models/a")).headers.get("www-authenticate"), "Bearer");
  EXPECT_EQ(ask("OPTIONS /v1/echo HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 401);
  EXPECT_EQ(ask(get("/v1/models/a", user)).status, 200);
  EXPECT_EQ(ask(get("//v1/models/a", user)).status, 404);
  EXPECT_EQ(ask(get("/slots", user)).status, 403);
  EXPECT_EQ(ask(get("/slots", admin)).status, 200);
}

TEST_F(RouterTest, ABodyIsNotReadForWhomIsRefused) {
  start();
  keys_.add("anna", Role::admin);
  const Response response =
      ask("POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
          "1000\r\n\r\n");
  EXPECT_EQ(response.status, 401);
  EXPECT_EQ(Json::parse(response.body)["error"]["type"], "authentication_error");
  EXPECT_EQ(Json::parse(response.body)["type"], "error") << "not in the style of the path's routes";
}

TEST_F(RouterTest, AConfiguredPageMayAskAndReadTheAnswer) {
  start({.hosts = {}, .origins = {"https://chat.example.org"}});
  const std::string key = "Authorization: Bearer " + keys_.add("anna", Role::user) + "\r\n";
  const std::string origin = "Origin: https://chat.example.org\r\n";
  const Response preflight = ask("OPTIONS /v1/echo HTTP/1.1\r\nHost: localhost\r\n" + origin +
                                 "Access-Control-Request-Method: POST\r\n"
                                 "Access-Control-Request-Headers: authorization,content-type\r\n\r\n");
  EXPECT_EQ(preflight.status, 204);
  EXPECT_EQ(preflight.headers.get("access-control-allow-origin"), "https://chat.example.org");
  EXPECT_EQ(preflight.headers.get("access-control-allow-methods"), "OPTIONS, POST");
  EXPECT_EQ(preflight.headers.get("access-control-allow-headers"), "authorization,content-type");
  EXPECT_EQ(preflight.headers.get("vary"), "Origin");

  for (const std::string& fields : {origin + key, origin}) {
    const Response response = ask(post("/v1/echo", "{}", fields));
    EXPECT_EQ(response.status, fields == origin ? 401 : 200);
    EXPECT_EQ(response.headers.get("access-control-allow-origin"), "https://chat.example.org")
        << "errors are read, too";
  }
  const Response same = ask(post("/v1/echo", "{}", "Origin: http://localhost\r\n" + key));
  EXPECT_EQ(same.status, 200);
  EXPECT_FALSE(same.headers.find("access-control-allow-origin"));
  const Response foreign =
      ask("OPTIONS /v1/echo HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.example\r\n"
          "Access-Control-Request-Method: POST\r\n\r\n");
  EXPECT_EQ(foreign.status, 403);
  EXPECT_FALSE(foreign.headers.find("access-control-allow-origin"));
}

TEST_F(RouterTest, OptionsTellsTheMethods) {
  start();
  const Response response = ask("OPTIONS /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_EQ(response.status, 204);
  EXPECT_EQ(response.headers.get("allow"), "GET, HEAD, OPTIONS");
  EXPECT_EQ(ask("OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n").status, 404);
}

}  // namespace
}  // namespace loam::test
