// Conversations that come back to a server that was started anew.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "server/access/key_store.h"
#include "server/server.h"
#include "tests/engine/tiny_engine.h"
#include "tests/server/raw_client.h"
#include "tests/server/running_server.h"
#include "tests/server/temporary_folder.h"

namespace loam::test {
namespace {

class Returning : public testing::TestWithParam<const char*> {
 protected:
  Returning() {
    RandomModel{.arch = GetParam()}.write(folder_.file("model.gguf"));
    KeyStore keys(folder_.file("keys.toml"));
    anna_ = keys.add("anna", Role::admin);
    ben_ = keys.add("ben", Role::user);
    start();
  }

  void start() {
    server_.reset();
    ServerSettings settings;
    settings.port = 0;
    settings.cache_folder = folder_.file("cache");
    ModelSettings model;
    model.name = "model";
    model.path = folder_.file("model.gguf");
    model.engine.context = 1024;
    model.engine.n_threads = 1;
    settings.models = {model};
    server_ = std::make_unique<Server>(settings, folder_.file("keys.toml"));
    server_->start();
  }

  std::string ask(const std::string& key, const std::string& request, const std::string& body = "") const {
    RawClient client(server_->port());
    client.send(request + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + key +
                "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
                "\r\nConnection: close\r\n\r\n" + body);
    const Response response = client.read_response();
    EXPECT_EQ(response.status, 200) << response.body;
    return response.body;
  }

  struct Answer {
    std::string text;
    int n_cached = 0;
  };
  Answer complete(const std::string& key, const std::string& prompt) const {
    const Json body = {{"model", "model"}, {"prompt", prompt}, {"max_tokens", 10}, {"temperature", 0}};
    const Json answer = Json::parse(ask(key, "POST /v1/completions", body.dump()));
    return {.text = answer["choices"][0]["text"],
            .n_cached = answer["usage"]["prompt_tokens_details"]["cached_tokens"]};
  }

  bool metrics_tell(const std::string& line) const {
    return ask(anna_, "GET /metrics").find(line + "\n") != std::string::npos;
  }

  TemporaryFolder folder_;
  std::string anna_, ben_;
  std::unique_ptr<Server> server_;
};

INSTANTIATE_TEST_SUITE_P(, Returning, testing::Values("llama", "gemma3"));

TEST_P(Returning, AreReadFromTheDiskByTheirUserOnly) {
  const std::string prompt(500, 'a');
  const Answer first = complete(anna_, prompt);
  EXPECT_EQ(first.n_cached, 0);
  EXPECT_TRUE(metrics_tell("loam_cache_pages_from_disk_total{model=\"model\"} 0"));
  start();
  EXPECT_EQ(complete(ben_, prompt).n_cached, 0);
  EXPECT_TRUE(metrics_tell("loam_cache_pages_from_disk_total{model=\"model\"} 0"));
  const Answer again = complete(anna_, prompt);
  EXPECT_GE(again.n_cached, 480);
  EXPECT_EQ(again.text, first.text);
  EXPECT_FALSE(metrics_tell("loam_cache_pages_from_disk_total{model=\"model\"} 0"));
}

}  // namespace
}  // namespace loam::test
