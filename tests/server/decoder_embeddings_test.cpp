// /v1/embeddings and /api/embed with a model of text that is an embedder, and with the prompts of its folder.
#include "engine/embedder.h"
#include "server/memory/engine_text_embedder.h"
#include "tests/engine/decoder_embedder.h"
#include "tests/server/asked_server.h"
#include "tests/support/support.h"

namespace loam::test {
namespace {

class DecoderEmbeddingRoutes : public AskedServer {
 protected:
  void SetUp() override {
    write_embedder(hf_, golden_, {{"pooling_mode", "lasttoken"}});
    ServerSettings settings;
    settings.models = {model("tiny", hf_.path())};
    start(settings);
  }

  std::vector<float> embed(const Json& changes) const {
    Json body = {{"model", "tiny"}, {"input", golden_["texts"][0]}};
    body.update(changes);
    return post("/v1/embeddings", body)["data"][0]["embedding"].get<std::vector<float>>();
  }
  static void expect_close(const std::vector<float>& a, const Json& expected) {
    double dot = 0;
    for (size_t i = 0; i < a.size(); ++i) dot += a[i] * expected[i].get<double>();  // both of length 1
    EXPECT_GE(dot, 0.99999);
  }

  const Json golden_ = read_embedder("qwen3");
  const HfFolder hf_;
};

TEST_F(DecoderEmbeddingRoutes, AnswerAsOfAnEncoder) {
  const Json answer = post("/v1/embeddings", {{"model", "tiny"}, {"input", golden_["texts"]}});
  ASSERT_EQ(answer["data"].size(), golden_["texts"].size());
  size_t n_tokens = 0;
  for (size_t i = 0; i < golden_["texts"].size(); ++i) {
    expect_close(answer["data"][i]["embedding"].get<std::vector<float>>(), golden_["lasttoken"][i]);
    n_tokens += golden_["ids"][i].size();
  }
  EXPECT_EQ(answer["usage"]["total_tokens"], n_tokens);
  const Json embed = post("/api/embed", {{"model", "tiny"}, {"input", golden_["texts"][1]}});
  expect_close(embed["embeddings"][0].get<std::vector<float>>(), golden_["lasttoken"][1]);
  const Json of_nothing = post("/v1/embeddings", {{"model", "tiny"}, {"input", ""}});
  EXPECT_EQ(of_nothing["usage"]["total_tokens"], 1) << "the token that ends texts";
  EXPECT_EQ(post("/api/show", {{"model", "tiny"}})["capabilities"], Json::array({"embedding"}));
  EXPECT_EQ(post("/v1/completions", {{"model", "tiny"}, {"prompt", "x"}}, 400)["error"]["param"], "model");
}

TEST_F(DecoderEmbeddingRoutes, PromptsOfTheFolder) {
  const std::vector<float> plain = embed(Json::object()), query = embed({{"prompt_name", "query"}});
  expect_close(query, golden_["lasttoken_query"][0]);
  EXPECT_NE(plain, query);
  EXPECT_EQ(embed({{"prompt_name", "document"}}), plain) << "an empty prompt";
  EXPECT_EQ(embed({{"input_type", "query"}}), query);
  EXPECT_EQ(embed({{"input_type", "passage"}}), plain);
  EXPECT_EQ(embed({{"input", golden_["ids"][0]}, {"prompt_name", "query"}}), plain) << "ids stay as they are";
  const Json refused =
      post("/v1/embeddings", {{"model", "tiny"}, {"input", "x"}, {"prompt_name", "summary"}}, 400)["error"];
  EXPECT_EQ(refused["param"], "prompt_name");
  EXPECT_NE(refused["message"].get<std::string>().find("document, query"), std::string::npos) << refused;
}

TEST_F(DecoderEmbeddingRoutes, MemoryAsksAndKeepsWithTheirPrompts) {
  EngineTextEmbedder memory(Embedder::load(hf_.path(), {.n_threads = 1}));
  const auto text = golden_["texts"][0].get<std::string>();
  EXPECT_EQ(memory.embed_query(text), embed({{"prompt_name", "query"}}));
  EXPECT_EQ(memory.embed(std::span(&text, 1)).front(), embed({{"prompt_name", "document"}}));
}

}  // namespace
}  // namespace loam::test
