// tokenizer.json of every kind against the ids that the `tokenizers` package gives (scripts/make_tokenizer_golden.py),
// and what is refused.
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <deque>
#include <filesystem>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "file/gguf.h"
#include "file/gguf_writer.h"
#include "file/tokenizer_json.h"
#include "tests/support/support.h"
#include "tokenizer/tokenizer.h"

namespace loam {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

// A tokenizer with the metadata that it views.
struct LoadedJson {
  std::deque<std::string> texts;
  Metadata metadata;
  std::unique_ptr<Tokenizer> tokenizer;

  explicit LoadedJson(const Json& json) {
    const std::string path = testing::TempDir() + "loam_tokenizer_" + std::to_string(::getpid()) + ".json";
    std::ofstream(path) << json.dump();
    read_tokenizer_json(path, 0, metadata, texts);
    fs::remove(path);
    tokenizer = Tokenizer::load(metadata);
  }
};

// The same tokenizer in the GGUF file that its metadata make.
struct ConvertedJson {
  std::string path = testing::TempDir() + "loam_tokenizer_" + std::to_string(::getpid()) + ".gguf";
  std::unique_ptr<GgufFile> file;
  std::unique_ptr<Tokenizer> tokenizer;

  explicit ConvertedJson(LoadedJson& loaded) {
    loaded.metadata.insert("general.architecture", {.type = MetaType::string, .value = std::string_view("llama")});
    GgufWriter writer(loaded.metadata, {});
    writer.open(path);
    writer.keep();
    file = GgufFile::open(path);
    tokenizer = Tokenizer::load(file->metadata());
  }
  ~ConvertedJson() { fs::remove(path); }
};

Json golden(const std::string& name) {
  return Json::parse(std::ifstream(test::source_path("tests/data/tokenizers/" + name + ".json")));
}

class HfTokenizer : public testing::TestWithParam<std::string> {};

TEST_P(HfTokenizer, GivesTheIdsOfTheTokenizersPackage) {
  const Json data = golden(GetParam());
  LoadedJson loaded(data["tokenizer"]);
  const ConvertedJson converted(loaded);
  for (size_t i = 0; i < data["texts"].size(); ++i) {
    const auto text = data["texts"][i].get<std::string>();
    const auto ids = data["ids"][i].get<std::vector<Token>>();
    EXPECT_EQ(loaded.tokenizer->encode(text, {.special = true, .add_special = true}), ids) << text;
    EXPECT_EQ(converted.tokenizer->encode(text, {.special = true, .add_special = true}), ids) << text << " (GGUF)";
  }
}

std::vector<std::string> all_goldens() {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(test::source_path("tests/data/tokenizers")))
    names.push_back(entry.path().stem());
  return names;
}

INSTANTIATE_TEST_SUITE_P(, HfTokenizer, testing::ValuesIn(all_goldens()), [](const auto& info) { return info.param; });

TEST(HfTokenizerParts, ControlTokensInATextAreTextUnlessAskedFor) {
  const LoadedJson loaded(golden("qwen2")["tokenizer"]);
  const Token end = loaded.tokenizer->find("<|im_end|>");
  ASSERT_GE(end, 0);
  EXPECT_TRUE(loaded.tokenizer->is_control(end));
  EXPECT_EQ(loaded.tokenizer->encode("<|im_end|>", {.special = true}), std::vector<Token>{end});
  const auto plain = loaded.tokenizer->encode("<|im_end|>");
  EXPECT_EQ(std::ranges::count(plain, end), 0);
  EXPECT_EQ(loaded.tokenizer->decode(plain), "<|im_end|>");
}

// A model may have learnt the text of a control token as a word: a user's text becomes that token as little as by being
// cut out beforehand.
TEST(HfTokenizerParts, TextBecomesNoControlTokenThroughTheModel) {
  for (const char* name : {"unigram_twice", "word_control", "added_flags", "bert", "xlm_roberta"}) {
    const Json data = golden(name);
    const LoadedJson loaded(data["tokenizer"]);
    for (const Json& text : data["texts"])
      for (const Token token : loaded.tokenizer->encode(text.get<std::string>()))
        EXPECT_TRUE(!loaded.tokenizer->is_control(token) || token == loaded.tokenizer->unknown())
            << name << ": " << text << " gives " << loaded.tokenizer->text_of(token);
  }
}

// 16777217 is no f32: rounded, both ways to cut "ab" would be equal.
TEST(HfTokenizerParts, ScoresStayExactInAGguf) {
  const Json model = {{"type", "Unigram"},
                      {"unk_id", 0},
                      {"vocab", Json::array({Json::array({"<unk>", -3e7}), Json::array({"a", 0.0}),
                                             Json::array({"b", -16777216.0}), Json::array({"ab", -16777217.0})})}};
  LoadedJson loaded(Json{{"model", model}, {"added_tokens", Json::array()}});
  const ConvertedJson converted(loaded);
  EXPECT_EQ(loaded.tokenizer->encode("ab"), (std::vector<Token>{1, 2}));
  EXPECT_EQ(converted.tokenizer->encode("ab"), (std::vector<Token>{1, 2}));
  EXPECT_TRUE(converted.file->metadata().has(kExactTokenScores));
}

TEST(HfTokenizerParts, DecodingGivesTheTextAgain) {
  for (const char* name : {"gpt2", "llama3", "llama2", "gemma", "xlm_roberta", "deepseek3"}) {
    const LoadedJson loaded(golden(name)["tokenizer"]);
    const std::string text = "Hello world, again";
    const auto ids = loaded.tokenizer->encode(text);
    EXPECT_EQ(loaded.tokenizer->decode(ids), text) << name;
    StreamDecoder stream(*loaded.tokenizer);
    std::string streamed;
    for (const Token id : ids) streamed += stream.push(id);
    EXPECT_TRUE((streamed + stream.finish()).ends_with(text)) << name;
  }
}

// A text may stand twice in a vocabulary; the template says which ids it means.
TEST(HfTokenizerParts, ATemplateGivesItsIds) {
  Json json = golden("xlm_roberta")["tokenizer"];
  json["post_processor"]["special_tokens"]["<s>"]["ids"] = {5, 0};
  const auto ids = LoadedJson(json).tokenizer->encode("a", {.add_special = true});
  ASSERT_GT(ids.size(), 3u);
  EXPECT_EQ((std::vector<Token>{ids[0], ids[1]}), (std::vector<Token>{5, 0}));
  EXPECT_EQ(ids.back(), 2);
}

// The token "##" is two characters of a word's beginning, though it is also what stands before later parts.
TEST(HfTokenizerParts, TheMarkOfLaterPartsMayBeAWord) {
  Json json = golden("prefix")["tokenizer"];
  json["model"]["vocab"] = {{"<unk>", 0}, {"<s>", 1}, {"</s>", 2}, {"#", 3}, {"###", 4}, {"##", 5}};
  json["model"]["merges"] = Json::array({Json::array({"#", "###"})});
  EXPECT_EQ(LoadedJson(json).tokenizer->encode("###"), (std::vector<Token>{5, 4}));
}

TEST(HfTokenizerParts, InvalidBytesAreReplaced) {
  const LoadedJson loaded(golden("gpt2")["tokenizer"]);
  EXPECT_EQ(loaded.tokenizer->encode("a\xFF"), loaded.tokenizer->encode("a\xEF\xBF\xBD"));
}

void expect_refused(const std::string& name, const std::function<void(Json&)>& change, const std::string& part) {
  Json json = golden(name)["tokenizer"];
  change(json);
  try {
    const LoadedJson loaded(json);
    ADD_FAILURE() << "accepted; expected a word of " << part;
  } catch (const Error& error) {
    EXPECT_NE(error.message().find(part), std::string::npos) << error.what();
  }
}

TEST(HfTokenizerParts, WhatLoamCannotReadIsNamed) {
  expect_refused(
      "gpt2",
      [](Json& t) {
        t["normalizer"] = {{"type", "Shout"}, {"loud", true}};
      },
      "\"Shout\"");
  expect_refused(
      "gpt2", [](Json& t) { t["pre_tokenizer"]["type"] = "Guess"; }, "\"Guess\"");
  expect_refused(
      "gpt2", [](Json& t) { t["decoder"]["type"] = "CTC"; }, "\"CTC\"");
  expect_refused(
      "bert", [](Json& t) { t["post_processor"]["type"] = "Odd"; }, "\"Odd\"");
  expect_refused(
      "bert", [](Json& t) { t["post_processor"]["cls"][0] = "[NONE]"; }, "[NONE]");
  expect_refused(
      "bert", [](Json& t) { t["model"]["unk_token"] = "[NONE]"; }, "[NONE]");
  expect_refused(
      "xlm_roberta", [](Json& t) { t["post_processor"]["special_tokens"]["<s>"]["ids"] = {1'000'000}; }, "1000000");
  expect_refused(
      "xlm_roberta", [](Json& t) { t["post_processor"]["special_tokens"]["<s>"]["ids"] = {-1}; }, "whole numbers");
  expect_refused(
      "gpt2",
      [](Json& t) {
        t["model"]["merges"][0] = Json::array({"qqq", "zzz"});
      },
      "merge 0");
  expect_refused(
      "gpt2", [](Json& t) { t["model"]["merges"][0] = 7; }, "merge 0");
  expect_refused(
      "xlm_roberta", [](Json& t) { t["model"]["unk_id"] = 1'000'000; }, "unk_id");
  expect_refused(
      "xlm_roberta", [](Json& t) { t["model"]["vocab"][0] = "x"; }, "score");
  expect_refused(
      "precompiled", [](Json& t) { t["normalizer"]["precompiled_charsmap"] = "AAAA*"; }, "base64");
  expect_refused(
      "precompiled", [](Json& t) { t["normalizer"]["precompiled_charsmap"] = "////fw=="; }, "does not fit");
  const auto with_pattern = [](const char* pattern) {
    return [pattern](Json& t) { t["pre_tokenizer"]["pretokenizers"][0]["pattern"]["Regex"] = pattern; };
  };
  expect_refused("qwen2", with_pattern("(unclosed"), "(unclosed");
  expect_refused("qwen2", with_pattern("[a-z&&[^b]]"), "intersect");
  expect_refused("qwen2", with_pattern("\\"), "cannot be read");
}

TEST(HfTokenizerParts, SlowExpressionsEndInAnError) {
  Json json = golden("qwen2")["tokenizer"];
  json["pre_tokenizer"]["pretokenizers"][0]["pattern"]["Regex"] = "(?:a|aa)+(?=[bc])";
  const LoadedJson loaded(json);
  const auto start = std::chrono::steady_clock::now();
  EXPECT_THROW(loaded.tokenizer->encode(std::string(200, 'a')), Error);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
}

TEST(HfTokenizerParts, NormalizingDoesNotMakeTextsExplode) {
  Json json = golden("gpt2")["tokenizer"];
  json["normalizer"] = {
      {"type", "Replace"}, {"pattern", {{"String", "a"}, {"Unused", 0}}}, {"content", std::string(5000, 'a')}};
  const LoadedJson loaded(json);
  EXPECT_THROW(loaded.tokenizer->encode(std::string(1000, 'a')), Error);
}

}  // namespace
}  // namespace loam
