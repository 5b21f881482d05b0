// Users cannot reach each other's memory: by no route, no id, no name, and whatever their role.
#include <fstream>

#include "server/access/key_store.h"
#include "server/memory/memory_api.h"
#include "tests/server/asked_server.h"

namespace loam::test {
namespace {

constexpr int kCanaries = kSanitized ? 50 : 1000;

class MemoryIsolation : public AskedServer {
 protected:
  MemoryIsolation() {
    std::ofstream(folder_.file("script.json")) << R"({"replies": [{"match": "", "reply": "Noted."}]})";
    KeyStore keys(folder_.file("keys.toml"), 6);
    owner_ = keys.add("owner", Role::admin);
    mary_ = keys.add("mary", Role::user);
    ivan_ = keys.add("ivan", Role::user);
    ServerSettings settings;
    settings.models = {model("echo", "scripted:" + folder_.file("script.json"))};
    settings.memory_folder = folder_.file("users");
    start(settings);
  }

  Response ask_as(const std::string& key, const std::string& path, const Json& body, const std::string& header = "") {
    RawClient client(server_->port());
    const std::string text = body.dump();
    client.send("POST " + path +
                " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAuthorization: Bearer " + key +
                "\r\n" + header + "Connection: close\r\nContent-Length: " + std::to_string(text.size()) + "\r\n\r\n" +
                text);
    return client.read_response();
  }

  std::string owner_, mary_, ivan_;
};

std::string canary(int i) { return "canary" + std::to_string(100000 + i); }

TEST_F(MemoryIsolation, NoCanaryReachesAnybodyElse) {
  Json turns = Json::array();
  for (int i = 0; i < kCanaries; ++i) {
    const Json body = {{"text", "My secret word number " + std::to_string(i) + " is " + canary(i) + "."}};
    turns.push_back(Json::parse(ask_as(mary_, "/v1/memory/add", body).body)["turn"]);
  }
  const std::string own = ask_as(mary_, "/v1/memory/search", {{"query", "secret word " + canary(7)}}).body;
  ASSERT_NE(own.find(canary(7)), std::string::npos);

  std::vector<Json> bodies = {Json::object(),
                              {{"query", "secret word " + canary(7)}, {"all", true}, {"deep", true}},
                              {{"session", "notes"}},
                              {{"namespace", "default"}, {"limit", 1000}}};
  for (const Json& turn : turns) bodies.push_back({{"question", turn}});
  for (const std::string& key : {ivan_, owner_}) {
    for (const MemoryOperation& operation : memory_operations()) {
      if (operation.changes) continue;
      for (const Json& body : bodies) {
        if (body.contains("question") && operation.name != "why") continue;
        for (const char* header : {"", "X-Loam-User: mary\r\n"}) {
          const std::string answer = ask_as(key, "/v1/memory/" + std::string(operation.name), body, header).body;
          ASSERT_EQ(answer.find("canary1"), std::string::npos) << operation.name << " " << body << " " << answer;
        }
      }
    }
    ask_as(key, "/v1/memory/forget", {{"turns", turns}});
    const Json chat = {{"model", "echo"},
                       {"messages", {{{"role", "user"}, {"content", "What is secret word number 7?"}}}}};
    ask_as(key, "/v1/chat/completions", chat, "X-Loam-User: mary\r\n");
    EXPECT_TRUE(Json::parse(ask_as(key, "/v1/memory/why", Json::object()).body)["recalled"].empty());
  }
  EXPECT_EQ(Json::parse(ask_as(mary_, "/v1/memory/stats", Json::object()).body)["turns"], kCanaries);
  EXPECT_EQ(ask_as("loam-nobody", "/v1/memory/stats", Json::object()).status, 401);
}

}  // namespace
}  // namespace loam::test
