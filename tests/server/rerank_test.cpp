// /v1/rerank and /rerank with a tiny cross-encoder, whose logits are those of transformers, beside models that score
// nothing.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "tests/engine/decoder_embedder.h"
#include "tests/server/asked_server.h"
#include "tests/support/support.h"

namespace loam::test {
namespace {

class RerankRoutes : public AskedServer {
 protected:
  void SetUp() override {
    write_tiny(reranker_, "bert_rank", golden_, DType::f32);
    reranker_.write("tokenizer.json", Json::parse(read_file(data_path("tokenizers/bert.json")))["tokenizer"]);
    write_embedder(embedder_, read_embedder("qwen3"), {{"pooling_mode", "lasttoken"}});
    ServerSettings settings;
    settings.models = {model("reranker", reranker_.path()), model("embedder", embedder_.path()),
                       model("script", "scripted:" + source_path("tests/clients/script.json"))};
    start(settings);
  }

  Json body(const Json& changes = Json::object()) const {
    Json out = {{"model", "reranker"}, {"query", golden_["query"]}, {"documents", golden_["documents"]}};
    out.update(changes);
    return out;
  }
  float logit(size_t i) const { return golden_["rows"][i][0].get<float>(); }
  void expect_refused(const Json& changes, const std::string& param) const {
    EXPECT_EQ(post("/v1/rerank", body(changes), 400)["error"]["param"], param) << changes;
  }

  const Json golden_ = read_tiny("bert_rank");
  const HfFolder reranker_, embedder_;
};

TEST_F(RerankRoutes, TheBestDocumentsComeFirst) {
  const size_t n = golden_["documents"].size();
  ASSERT_GE(n, 2u);
  std::vector<size_t> order(n);
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::stable_sort(order, [&](size_t a, size_t b) { return logit(a) > logit(b); });
  for (const char* path : {"/v1/rerank", "/rerank"}) {
    const Json answer = post(path, body());
    EXPECT_EQ(answer["object"], "list");
    EXPECT_EQ(answer["model"], "reranker");
    ASSERT_EQ(answer["results"].size(), n);
    for (size_t i = 0; i < n; ++i) {
      const Json& result = answer["results"][i];
      EXPECT_EQ(result["index"], order[i]);
      EXPECT_NEAR(result["relevance_score"].get<double>(), 1 / (1 + std::exp(-logit(order[i]))), 1e-5);
      EXPECT_FALSE(result.contains("document"));
    }
    size_t n_tokens = 0;
    for (const Json& ids : golden_["ids"]) n_tokens += ids.size();
    EXPECT_EQ(answer["usage"], (Json{{"prompt_tokens", n_tokens}, {"total_tokens", n_tokens}}));
  }
  const Json best = post("/v1/rerank", body({{"top_n", 1}, {"raw_scores", true}, {"return_documents", true}}));
  ASSERT_EQ(best["results"].size(), 1u);
  EXPECT_NEAR(best["results"][0]["relevance_score"].get<float>(), logit(order[0]), 1e-4);
  EXPECT_EQ(best["results"][0]["document"], (Json{{"text", golden_["documents"][order[0]]}}));
  EXPECT_EQ(post("/v1/rerank", body({{"top_n", 100}}))["results"].size(), n);
}

// Ollama's clients offer what has "embedding" for vectors, which a reranker has none of.
TEST_F(RerankRoutes, OllamasDescriptionSaysWhatItDoes) {
  EXPECT_EQ(post("/api/show", {{"model", "reranker"}})["capabilities"], Json::array({"rerank"}));
  EXPECT_EQ(post("/api/show", {{"model", "embedder"}})["capabilities"], Json::array({"embedding"}));
}

TEST_F(RerankRoutes, DocumentsMayBeObjectsAndMany) {
  Json documents = Json::array();
  for (int i = 0; i < 100; ++i) documents.push_back({{"text", golden_["documents"][0]}, {"source", i}});
  const Json answer = post("/v1/rerank", body({{"documents", documents}}));
  ASSERT_EQ(answer["results"].size(), 100u);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(answer["results"][i]["index"], i) << "equal scores keep their order";
    EXPECT_EQ(answer["results"][i]["relevance_score"], answer["results"][0]["relevance_score"]);
  }
}

TEST_F(RerankRoutes, WrongRequestsNameTheirParameter) {
  expect_refused({{"query", nullptr}}, "query");
  expect_refused({{"query", 7}}, "query");
  expect_refused({{"documents", nullptr}}, "documents");
  expect_refused({{"documents", "x"}}, "documents");
  expect_refused({{"documents", Json::array()}}, "documents");
  expect_refused({{"documents", Json::array_t(2049, "x")}}, "documents");
  expect_refused({{"documents", {"x", 7}}}, "documents[1]");
  expect_refused({{"documents", Json::array({Json{{"title", "x"}}})}}, "documents[0].text");
  expect_refused({{"top_n", 0}}, "top_n");
  expect_refused({{"query", std::string(5000, 'x') + std::string(5000, '.')}}, "query");
  expect_refused({{"model", "embedder"}}, "model");
  expect_refused({{"model", "script"}}, "model");
  EXPECT_EQ(post("/v1/embeddings", {{"model", "reranker"}, {"input", "x"}}, 400)["error"]["param"], "model");
}

TEST_F(RerankRoutes, IsDescribed) {
  const Json paths = Json::parse(ask("GET", "/openapi.json").body)["paths"];
  const Json& schema = paths["/v1/rerank"]["post"]["requestBody"]["content"]["application/json"]["schema"];
  EXPECT_EQ(schema["required"], (Json::array({"query", "documents"})));
  EXPECT_TRUE(schema["properties"].contains("top_n"));
}

}  // namespace
}  // namespace loam::test
