// Conversations that come back to a server that was started anew.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/hash.h"
#include "engine/page_name.h"
#include "server/access/key_store.h"
#include "server/memory/kept_pages.h"
#include "server/server.h"
#include "tests/engine/page_files.h"
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
    settings.memory_folder = folder_.file("users");
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

// Nothing of anna's is in a cache once she has forgotten something: it may have stood in any of her prompts.
TEST_P(Returning, FindNothingOnceTheUserHasForgotten) {
  const std::string prompt(500, 'a');
  for (const std::string& key : {anna_, ben_}) {
    complete(key, prompt);
    start();  // all of it is on the disk now, which the memory of one has not evicted for the other
  }
  const Json note = Json::parse(ask(anna_, "POST /v1/memory/add", R"({"text": "the code is 4711"})"));
  EXPECT_GE(complete(anna_, prompt).n_cached, 480);
  ask(anna_, "POST /v1/memory/forget", Json{{"turns", {note["turn"]}}}.dump());
  const std::string begin = to_hex(PageName::owner_of("anna"));
  for (const auto& file : files_in(folder_.file("cache/kv")))
    EXPECT_FALSE(file.filename().string().starts_with(begin)) << file;
  EXPECT_EQ(complete(anna_, prompt).n_cached, 0);
  EXPECT_GE(complete(ben_, prompt).n_cached, 480);
  start();
  server_.reset();
  const std::vector<std::string> users = {"anna"};
  forget_kept_pages(folder_.file("users"), users);  // as the command does where no server runs
  for (const auto& file : files_in(folder_.file("cache/kv")))
    EXPECT_FALSE(file.filename().string().starts_with(begin)) << file;
  EXPECT_FALSE(files_in(folder_.file("cache/kv")).empty());
}

}  // namespace
}  // namespace loam::test
