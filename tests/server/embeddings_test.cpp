// /v1/embeddings, /api/embed and /api/embeddings with the installed embedding model, beside a model that makes text.
#include <atomic>
#include <cstring>
#include <thread>

#include "engine/embedder.h"
#include "server/memory/engine_text_embedder.h"
#include "tests/server/asked_server.h"
#include "tests/support/support.h"

namespace loam::test {
namespace {

std::string decoded(const std::string& base64) {
  static const std::string kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string bytes;
  uint32_t bits = 0;
  for (size_t i = 0; i < base64.size(); ++i) {
    bits = bits << 6 | static_cast<uint32_t>(kLetters.find(base64[i]));
    if (i % 4 == 3) bytes += {static_cast<char>(bits >> 16), static_cast<char>(bits >> 8), static_cast<char>(bits)};
  }
  return bytes;
}

class EmbeddingRoutes : public AskedServer {
 protected:
  void SetUp() override {
    const std::string path = model_path("all-minilm-l6-v2");
    LOAM_NEEDS(path);
    ServerSettings settings;
    settings.models = {model("script", "scripted:" + source_path("tests/clients/script.json")), model("minilm", path)};
    start(settings);
  }

  static std::vector<float> vector_of(const Json& json) { return json.get<std::vector<float>>(); }
  static double dot(const std::vector<float>& a, const std::vector<float>& b) {
    double sum = 0;
    for (size_t i = 0; i < a.size(); ++i) sum += double{a[i]} * b[i];
    return sum;
  }
  // Refused with 400 at this parameter.
  void expect_refused(const Json& changes, const std::string& param) const {
    Json body = {{"model", "minilm"}, {"input", "x"}};
    body.update(changes);
    EXPECT_EQ(post("/v1/embeddings", body, 400)["error"]["param"], param) << body;
  }
};

TEST_F(EmbeddingRoutes, TextsListsAndIdsGiveVectorsInOrder) {
  const Json one = post("/v1/embeddings", {{"model", "minilm"}, {"input", "a happy dog"}});
  EXPECT_EQ(one["object"], "list");
  EXPECT_EQ(one["model"], "minilm");
  EXPECT_EQ(one["usage"], (Json{{"prompt_tokens", 5}, {"total_tokens", 5}}));
  const std::vector<float> dog = vector_of(one["data"][0]["embedding"]);
  ASSERT_EQ(dog.size(), 384u);
  EXPECT_NEAR(dot(dog, dog), 1, 1e-5);

  const Json many = post("/v1/embeddings", {{"model", "minilm"}, {"input", {"счастье", "a happy dog", ""}}});
  ASSERT_EQ(many["data"].size(), 3u);
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(many["data"][i]["index"], i);
    EXPECT_EQ(many["data"][i]["object"], "embedding");
  }
  EXPECT_EQ(vector_of(many["data"][1]["embedding"]), dog);

  const Json ids =
      post("/tokenize", {{"model", "minilm"}, {"content", "a happy dog"}, {"add_special", true}})["tokens"];
  ASSERT_EQ(ids.size(), 5u);
  EXPECT_EQ(vector_of(post("/v1/embeddings", {{"model", "minilm"}, {"input", ids}})["data"][0]["embedding"]), dog);
  const Json two = post("/v1/embeddings", {{"model", "minilm"}, {"input", {ids, ids}}});
  EXPECT_EQ(vector_of(two["data"][1]["embedding"]), dog);
}

TEST_F(EmbeddingRoutes, Base64AndFewerDimensions) {
  const Json body = {{"model", "minilm"}, {"input", "a happy dog"}};
  const std::vector<float> whole = vector_of(post("/v1/embeddings", body)["data"][0]["embedding"]);
  Json asked = body;
  asked["encoding_format"] = "base64";
  const std::string text = post("/v1/embeddings", asked)["data"][0]["embedding"];
  ASSERT_EQ(text.size(), 384u * sizeof(float) / 3 * 4) << "four letters for three bytes";
  const std::string bytes = decoded(text);
  EXPECT_EQ(std::memcmp(bytes.data(), whole.data(), bytes.size()), 0) << "the same numbers";
  asked = body;
  asked["dimensions"] = 64;
  const std::vector<float> few = vector_of(post("/v1/embeddings", asked)["data"][0]["embedding"]);
  ASSERT_EQ(few.size(), 64u);
  EXPECT_NEAR(dot(few, few), 1, 1e-5);
  for (size_t i = 1; i < few.size(); ++i) EXPECT_NEAR(few[i] / few[0], whole[i] / whole[0], 1e-3);
}

TEST_F(EmbeddingRoutes, WrongRequestsNameTheirParameter) {
  expect_refused({{"input", nullptr}}, "input");
  expect_refused({{"input", 7}}, "input");
  expect_refused({{"input", Json::array()}}, "input");
  expect_refused({{"input", {"x", 7}}}, "input[1]");
  expect_refused({{"input", {1, 30522}}}, "input");
  expect_refused({{"input", {1, -1}}}, "input[1]");
  expect_refused({{"input", {1, 1.5}}}, "input[1]");
  expect_refused({{"input", {Json::array()}}}, "input[0]");
  expect_refused({{"input", Json::array_t(2049, "x")}}, "input");
  expect_refused({{"dimensions", 0}}, "dimensions");
  expect_refused({{"dimensions", 385}}, "dimensions");
  expect_refused({{"encoding_format", "int8"}}, "encoding_format");
  EXPECT_EQ(post("/v1/embeddings", {{"model", "none-such"}, {"input", "x"}}, 404)["error"]["param"], "model");
}

TEST_F(EmbeddingRoutes, EachKindOfModelRefusesTheOthersWork) {
  const Json hello = Json::array({{{"role", "user"}, {"content", "hello"}}});
  const Json chat = post("/v1/chat/completions", {{"model", "minilm"}, {"messages", hello}}, 400);
  EXPECT_EQ(chat["error"]["param"], "model");
  EXPECT_NE(chat["error"]["message"].get<std::string>().find("is an embedding model"), std::string::npos) << chat;
  EXPECT_EQ(post("/v1/completions", {{"model", "minilm"}, {"prompt", "hello"}}, 400)["error"]["param"], "model");
  const Json embed = post("/v1/embeddings", {{"model", "script"}, {"input", "hello"}}, 400);
  EXPECT_EQ(embed["error"]["param"], "model");
  EXPECT_NE(embed["error"]["message"].get<std::string>().find("makes text"), std::string::npos) << embed;
  EXPECT_EQ(post("/v1/chat/completions", {{"model", "script"}, {"messages", hello}})["object"], "chat.completion");
}

TEST_F(EmbeddingRoutes, OllamasEndpoints) {
  const Json embed = post("/api/embed", {{"model", "minilm"}, {"input", {"a happy dog", "두 번째"}}});
  ASSERT_EQ(embed["embeddings"].size(), 2u);
  EXPECT_GT(embed["prompt_eval_count"], 5);
  EXPECT_GE(embed["total_duration"], embed["load_duration"]);
  const Json old = post("/api/embeddings", {{"model", "minilm"}, {"prompt", "a happy dog"}});
  EXPECT_EQ(vector_of(old["embedding"]), vector_of(embed["embeddings"][0]));
  const std::string long_text = std::string(3000, 'x') + std::string(600, '.');
  EXPECT_EQ(post("/api/embed", {{"model", "minilm"}, {"input", long_text}})["prompt_eval_count"], 256);
  const Json refused = post("/api/embed", {{"model", "minilm"}, {"input", long_text}, {"truncate", false}}, 400);
  EXPECT_NE(refused["error"].get<std::string>().find("256 tokens"), std::string::npos) << refused;
  post("/api/embed", {{"model", "minilm"}}, 400);
}

TEST_F(EmbeddingRoutes, TheModelIsListedAndDescribed) {
  post("/v1/embeddings", {{"model", "minilm"}, {"input", "x"}});
  const Json models = Json::parse(ask("GET", "/v1/models").body);
  ASSERT_EQ(models["data"].size(), 2u);
  EXPECT_EQ(models["data"][1]["id"], "minilm");
  EXPECT_EQ(models["data"][1]["context_length"], 256);
  EXPECT_EQ(post("/api/show", {{"model", "minilm"}})["capabilities"], Json::array({"embedding"}));
  EXPECT_EQ(Json::parse(ask("GET", "/api/ps").body)["models"][0]["context_length"], 256);
  const Json paths = Json::parse(ask("GET", "/openapi.json").body)["paths"];
  const Json& body = paths["/v1/embeddings"]["post"]["requestBody"]["content"]["application/json"]["schema"];
  EXPECT_EQ(body["required"], Json::array({"input"}));
  EXPECT_TRUE(body["properties"].contains("dimensions"));
  EXPECT_TRUE(paths.contains("/api/embed"));
}

TEST_F(EmbeddingRoutes, ManyClientsAtOnce) {
  const std::vector<float> dog =
      vector_of(post("/v1/embeddings", {{"model", "minilm"}, {"input", "a happy dog"}})["data"][0]["embedding"]);
  std::vector<std::thread> clients;
  std::atomic<int> right{0};
  for (int i = 0; i < 6; ++i)
    clients.emplace_back([&] {
      Json texts = Json::array();
      for (int t = 0; t < 70; ++t) texts.push_back("text number " + std::to_string(t));
      texts.push_back("a happy dog");
      const Json got = post("/v1/embeddings", {{"model", "minilm"}, {"input", texts}});
      right += got["data"].size() == 71 && vector_of(got["data"][70]["embedding"]) == dog;
    });
  for (std::thread& client : clients) client.join();
  EXPECT_EQ(right, 6);
}

TEST(EngineTextEmbedder, GivesMemoryWhatTheEngineMakes) {
  const std::string path = model_path("all-minilm-l6-v2");
  LOAM_NEEDS(path);
  const std::shared_ptr<const Embedder> engine = Embedder::load(path, {.n_threads = 1});
  EngineTextEmbedder embedder(engine);
  EXPECT_EQ(embedder.name(), "all-minilm-l6-v2");
  EXPECT_EQ(embedder.dimensions(), 384u);
  const std::vector<std::string> texts = {"one", "둘", "три"};
  const auto vectors = embedder.embed(texts);
  ASSERT_EQ(vectors.size(), 3u);
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(vectors[i], engine->embed(std::span(&texts[i], 1))[0].vector);
  EXPECT_EQ(EngineTextEmbedder(engine, "mine").name(), "mine");
}

}  // namespace
}  // namespace loam::test
