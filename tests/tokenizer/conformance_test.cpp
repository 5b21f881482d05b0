// Ids against those that the models' own tokenizers give (shared/conformance).
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "file/gguf.h"
#include "tests/support/support.h"
#include "tokenizer/tokenizer.h"

namespace loam {
namespace {

using test::fixture_path;
using test::read_file;
using test::shared_path;

struct Case {
  std::string text;
  std::vector<Token> ids;
};

// Texts stand between marker lines; the line end before a marker belongs to the marker. Ids are one line a text.
std::vector<Case> read_cases(const std::string& base) {
  const std::string marker = "\n__ggml_vocab_test__\n";
  const std::string texts = read_file(base + ".inp");
  std::istringstream ids(read_file(base + ".out"));
  std::vector<Case> cases;
  size_t begin = 0;
  for (std::string line; std::getline(ids, line);) {
    const size_t end = texts.find(marker, begin);
    EXPECT_NE(end, std::string::npos) << "more ids than texts";
    Case one{texts.substr(begin, end - begin), {}};
    std::istringstream numbers(line);
    for (Token id; numbers >> id;) one.ids.push_back(id);
    cases.push_back(std::move(one));
    begin = end + marker.size();
  }
  EXPECT_EQ(texts.find(marker, begin), std::string::npos) << "more texts than ids";
  return cases;
}

class Conformance : public testing::TestWithParam<const char*> {};

TEST_P(Conformance, EveryCaseGivesTheReferenceIds) {
  const std::string file = std::string("ggml-vocab-") + GetParam() + ".gguf";
  const std::string base = shared_path("conformance/tokenizers/" + file), model = fixture_path("tokenizers/" + file);
  LOAM_NEEDS(base + ".inp");
  LOAM_NEEDS(model);
  const auto gguf = GgufFile::open(model);
  const auto tokenizer = Tokenizer::load(gguf->metadata());
  const std::vector<Case> cases = read_cases(base);
  ASSERT_GE(cases.size(), 40u);
  for (const Case& one : cases) EXPECT_EQ(tokenizer->encode(one.text), one.ids) << one.text;
}

INSTANTIATE_TEST_SUITE_P(Tokenizers, Conformance,
                         testing::Values("bert-bge", "deepseek-llm", "gpt-2", "llama-bpe", "llama-spm", "phi-3",
                                         "qwen2"));

class RealModel : public testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(RealModel, PromptsGiveTheReferenceIds) {
  const auto [name, key] = GetParam();
  const std::string reference = shared_path("conformance/real/reference.json"), model = test::model_path(name);
  LOAM_NEEDS(reference);
  LOAM_NEEDS(model);
  const auto gguf = GgufFile::open(model);
  const auto tokenizer = Tokenizer::load(gguf->metadata());
  const auto all = nlohmann::json::parse(read_file(reference));
  ASSERT_FALSE(all.at(key).at("cases").empty());
  for (const auto& one : all.at(key).at("cases")) {
    const std::string prompt = one.at("prompt");
    EXPECT_EQ(tokenizer->encode(prompt, {.special = true, .add_special = true}),
              one.at("ids").get<std::vector<Token>>())
        << prompt;
  }
}

INSTANTIATE_TEST_SUITE_P(Models, RealModel,
                         testing::Values(std::pair("smollm2-135m", "SmolLM2-135M-Instruct.Q4_1.gguf"),
                                         std::pair("gemma3-270m", "gemma-3-270m-q4_k_m.gguf"),
                                         std::pair("qwen2.5-coder-1.5b", "qwen2.5-coder-1.5b.gguf")));

}  // namespace
}  // namespace loam
