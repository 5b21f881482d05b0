// Models of text that judge documents, from tiny folders (scripts/make_reranker_golden.py), against the scores of
// transformers and sentence-transformers; as GGUF files; and what is refused.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/thread_pool.h"
#include "engine/embedder.h"
#include "file/quantize.h"
#include "model/hf/folder.h"
#include "tests/model/hf_support.h"

namespace loam {
namespace {

using Json = nlohmann::json;
using test::HfFolder;

// A golden judge, whose folder has a reranker's name.
struct Judge {
  std::string name;
  Json model;
  HfFolder folder, parent;

  explicit Judge(const std::string& judge) : name(judge), model(test::read_tiny("judge_" + judge)) {}

  std::string path() const { return parent.path() + "/Tiny-Reranker-0.1B"; }
  void write(DType type = DType::f32) const {
    test::write_tiny(folder, name, model, type);
    Json tokenizer = Json::parse(test::read_file(
        test::data_path("tokenizers/" + model["vocabulary"].get<std::string>() + ".json")))["tokenizer"];
    for (const Json& word : model["words"]) tokenizer["added_tokens"].push_back(word);
    if (model.contains("post_processor")) tokenizer["post_processor"] = model["post_processor"];
    folder.write("tokenizer.json", tokenizer);
    folder.write("tokenizer_config.json", model["tokenizer_config"]);
    for (const auto& [file, content] : model["files"].items()) {
      std::filesystem::create_directories(std::filesystem::path(folder.path() + "/" + file).parent_path());
      std::ofstream(folder.path() + "/" + file) << (content.is_string() ? content.get<std::string>() : content.dump());
    }
    if (!std::filesystem::exists(path())) std::filesystem::create_directory_symlink(folder.path(), path());
  }
  std::unique_ptr<Embedder> load(DType type = DType::f32) const {
    write(type);
    return Embedder::load(path(), {.n_threads = 2});
  }
  std::string query() const { return model["query"]; }
  std::vector<std::string> documents() const { return model["documents"]; }
};

void expect_scores(const Embedder& embedder, const Judge& judge, float tolerance) {
  ASSERT_TRUE(embedder.scores());
  const std::vector<Score> scores = embedder.score(judge.query(), judge.documents());
  ASSERT_EQ(scores.size(), judge.model["logits"].size());
  for (size_t i = 0; i < scores.size(); ++i) {
    EXPECT_NEAR(scores[i].logit, judge.model["logits"][i].get<float>(), tolerance) << i;
    EXPECT_EQ(scores[i].n_tokens, std::ssize(judge.model["ids"][i])) << i;
    EXPECT_EQ(scores[i].truncated, i + 1 == scores.size()) << i;
  }
}

class Reranker : public testing::TestWithParam<const char*> {
 protected:
  const Judge judge{GetParam()};
};

// The difference is what keys and values in 16 bits make.
TEST_P(Reranker, HasTheScoresOfItsAuthorsLibrary) {
  for (const DType type : {DType::f32, DType::bf16}) expect_scores(*judge.load(type), judge, 2e-3f);
}

TEST_P(Reranker, TheFileThatItBecomesScoresTheSame) {
  const auto folder = judge.load();
  const std::string path = judge.parent.path() + "/model.gguf";
  {
    const auto file = open_model(judge.path());
    ThreadPool pool(2);
    const QuantizePlan plan(*file, {.mix = find_quant_mix("F32"), .widen = true});
    copy_gguf(*file, plan.copy(), path, pool, {});
  }
  const auto embedder = Embedder::load(path, {.n_threads = 2});
  const auto documents = judge.documents();
  const std::vector<Score> expected = folder->score(judge.query(), documents),
                           got = embedder->score(judge.query(), documents);
  for (size_t i = 0; i < documents.size(); ++i) {
    EXPECT_EQ(got[i].n_tokens, expected[i].n_tokens);
    EXPECT_NEAR(got[i].logit, expected[i].logit, 1e-6);
  }
}

TEST_P(Reranker, AScoreDoesNotDependOnItsCompany) {
  const auto embedder = judge.load();
  const auto documents = judge.documents();
  const std::vector<Score> together = embedder->score(judge.query(), documents);
  for (size_t i = 0; i < documents.size(); ++i)
    EXPECT_EQ(embedder->score(judge.query(), std::span(&documents[i], 1))[0].logit, together[i].logit);
}

INSTANTIATE_TEST_SUITE_P(, Reranker, testing::Values("named", "logits", "qwen2", "llama", "mistral", "gemma3"));

void expect_judge_refused(const Judge& judge, Error::Code code, const std::string& part) {
  try {
    judge.load();
    ADD_FAILURE() << "accepted; expected a word of " << part;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code) << error.what();
    EXPECT_NE((error.message() + error.where()).find(part), std::string::npos) << error.what();
  }
}

TEST(Rerankers, ABadFolderIsRefusedByItsField) {
  Judge labels("qwen2");
  labels.model["tensors"]["score.weight"][0] = 3;
  expect_judge_refused(labels, Error::Code::unsupported, "3 labels");
  Judge headless("qwen2");
  headless.model["tensors"].erase("score.weight");
  expect_judge_refused(headless, Error::Code::model_invalid, "cls.output");
  Judge wordless("named");
  wordless.model["words"][1]["content"] = "non";
  expect_judge_refused(wordless, Error::Code::model_invalid, "\"no\"");
  Judge foreign("logits");
  foreign.model["files"]["1_LogitScore/config.json"]["true_token_id"] = 424;
  expect_judge_refused(foreign, Error::Code::model_invalid, "token 424");
  foreign.model["files"]["1_LogitScore/config.json"]["true_token_id"] = "yes";
  expect_judge_refused(foreign, Error::Code::model_invalid, "true_token_id");
  foreign.model["files"]["modules.json"][1]["path"] = "../1_LogitScore";
  expect_judge_refused(foreign, Error::Code::model_invalid, "leads out");
  Judge module("logits");
  module.model["files"]["modules.json"].push_back({{"path", "2_Else"}, {"type", "other.Else"}});
  expect_judge_refused(module, Error::Code::unsupported, "other.Else");
}

TEST(Rerankers, ATokenAloneIsAScore) {
  Judge judge("logits");
  const auto difference = judge.load();
  judge.model["files"]["1_LogitScore/config.json"]["false_token_id"] = nullptr;
  const auto yes = judge.load();
  judge.model["files"]["1_LogitScore/config.json"]["true_token_id"] = 423;
  const auto no = judge.load();
  const auto documents = judge.documents();
  const auto score = [&](const auto& embedder) { return embedder->score(judge.query(), documents)[0].logit; };
  EXPECT_NEAR(score(yes) - score(no), score(difference), 1e-5);
}

TEST(Rerankers, AQueryMustLeaveRoom) {
  const Judge judge("named");
  const auto embedder = judge.load();
  std::string query;
  for (int i = 0; i < 300; ++i) query += "a question ";
  const std::vector<std::string> documents = {"x"};
  EXPECT_THROW(embedder->score(query, documents), Error);
}

// A Qwen3 whose folder says nothing of the kind makes text.
TEST(Rerankers, ANameIsNeeded) {
  const Judge judge("named");
  judge.write();
  EXPECT_THROW(Embedder::load(judge.folder.path()), Error);
}

}  // namespace
}  // namespace loam
