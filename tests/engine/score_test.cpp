// Cross-encoders: the scores of folders against those of transformers (scripts/make_hf_golden.py), in any company, and
// what is refused.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <tuple>
#include <utility>

#include "base/error.h"
#include "engine/embedder.h"
#include "tests/model/hf_support.h"

namespace loam {
namespace {

using Json = nlohmann::json;
using test::HfFolder;

// A folder with a golden model of tests/data/hf and a tokenizer of tests/data/tokenizers.
struct Golden {
  std::string name;
  Json model;
  HfFolder folder;

  Golden(const std::string& model_name, const std::string& tokenizer)
      : name(model_name), model(test::read_tiny(model_name)) {
    folder.write("tokenizer.json",
                 Json::parse(test::read_file(test::data_path("tokenizers/" + tokenizer + ".json")))["tokenizer"]);
  }
  std::unique_ptr<Embedder> load(DType type = DType::f32) const {
    test::write_tiny(folder, name, model, type);
    return Embedder::load(folder.path(), {.n_threads = 2});
  }
  std::string query() const { return model["query"]; }
  std::vector<std::string> documents() const { return model["documents"]; }
};

template <class F>
void expect_error(Error::Code code, const std::string& part, F call) {
  try {
    call();
    ADD_FAILURE() << "accepted; expected a word of " << part;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    EXPECT_NE(error.message().find(part), std::string::npos) << error.what();
  }
}

class CrossEncoder : public testing::TestWithParam<std::pair<const char*, const char*>> {
 protected:
  const Golden golden{GetParam().first, GetParam().second};
};

TEST_P(CrossEncoder, HasTheScoresOfTransformers) {
  for (const DType type : {DType::f32, DType::bf16}) {
    const auto embedder = golden.load(type);
    ASSERT_TRUE(embedder->scores());
    const std::vector<Score> scores = embedder->score(golden.query(), golden.documents());
    ASSERT_EQ(scores.size(), golden.model["rows"].size());
    for (size_t i = 0; i < scores.size(); ++i) {
      EXPECT_NEAR(scores[i].logit, golden.model["rows"][i][0].get<float>(), 1e-5) << i;
      EXPECT_EQ(scores[i].n_tokens, std::ssize(golden.model["ids"][i])) << i;
      EXPECT_FALSE(scores[i].truncated);
    }
  }
}

TEST_P(CrossEncoder, ADocumentsScoreDoesNotDependOnItsCompany) {
  const auto embedder = golden.load();
  std::vector<std::string> documents;
  for (int i = 0; i < 8; ++i)
    for (const std::string& document : golden.documents()) documents.push_back(document);
  const std::vector<Score> together = embedder->score(golden.query(), documents);
  for (size_t i = 0; i < golden.documents().size(); ++i) {
    const Score alone = embedder->score(golden.query(), std::span(&documents[i], 1)).front();
    for (size_t j = i; j < documents.size(); j += golden.documents().size()) EXPECT_EQ(alone.logit, together[j].logit);
  }
  EXPECT_TRUE(embedder->score(golden.query(), {}).empty());
}

INSTANTIATE_TEST_SUITE_P(Golden, CrossEncoder,
                         testing::Values(std::pair("bert_rank", "bert"), std::pair("xlm_roberta_rank", "xlm_roberta"),
                                         std::pair("modernbert_rank", "bert")),
                         [](const auto& info) { return std::string(info.param.first); });

TEST(CrossEncoders, ALongDocumentIsCutAndALongQueryRefused) {
  const Golden golden("bert_rank", "bert");
  const auto embedder = golden.load();
  std::string text;
  for (int i = 0; i < 300; ++i) text += "a ";
  const std::vector<std::string> documents = {text, text + "further"};
  const std::vector<Score> scores = embedder->score("what?", documents);
  EXPECT_EQ(scores[0].n_tokens, embedder->max_tokens());
  EXPECT_TRUE(scores[0].truncated);
  EXPECT_EQ(scores[0].logit, scores[1].logit);
  expect_error(Error::Code::invalid, "leaves no room", [&] { embedder->score(text, documents); });
}

TEST(CrossEncoders, VectorsAndScoresAreNotMistaken) {
  const Golden golden("bert_rank", "bert");
  const std::vector<std::string> texts = {"a text"};
  expect_error(Error::Code::unsupported, "reranking", [&] { golden.load()->embed(texts); });
  const Golden plain("xlm_roberta", "xlm_roberta");
  const auto embedder = plain.load();
  EXPECT_FALSE(embedder->scores());
  expect_error(Error::Code::unsupported, "cross-encoder", [&] { embedder->score("a query", texts); });
}

TEST(CrossEncoders, AHeadOfAnotherShapeIsRefusedByName) {
  for (const auto& [tensor, rows, part] :
       {std::tuple("classifier.weight", 3, "3 labels"), std::tuple("bert.pooler.dense.weight", 3, "cls.weight")}) {
    Golden golden("bert_rank", "bert");
    golden.model["tensors"][tensor][0] = rows;
    const auto code = std::string(part) == "3 labels" ? Error::Code::unsupported : Error::Code::model_invalid;
    expect_error(code, part, [&] { golden.load(); });
  }
  Golden golden("bert_rank", "bert");
  golden.model["tensors"].erase("classifier.weight");
  expect_error(Error::Code::model_invalid, "cls.output", [&] { golden.load(); });
}

}  // namespace
}  // namespace loam
