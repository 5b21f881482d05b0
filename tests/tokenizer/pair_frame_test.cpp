// What stands around two texts: by a tokenizer.json, and by the flags of GGUF files.
#include "tokenizer/pair_frame.h"

#include <gtest/gtest.h>

#include <deque>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "file/tokenizer_json.h"
#include "tests/support/support.h"
#include "tests/tokenizer/small_vocabulary.h"

namespace loam {
namespace {

using Json = nlohmann::ordered_json;
using test::SmallVocabulary;
using Ids = std::vector<Token>;

PairFrame frame_of(const Json& tokenizer) {
  const std::string path = testing::TempDir() + "loam_pair_" + std::to_string(::getpid()) + ".json";
  std::ofstream(path) << tokenizer.dump();
  std::deque<std::string> texts;
  Metadata metadata;
  read_tokenizer_json(path, 0, metadata, texts);
  std::filesystem::remove(path);
  return PairFrame::read(metadata, *Tokenizer::load(metadata));
}

Json golden_tokenizer(const std::string& name) {
  return Json::parse(test::read_file(test::data_path("tokenizers/" + name + ".json")))["tokenizer"];
}

SmallVocabulary vocabulary(const std::string& model, const std::string& first, const std::string& last) {
  SmallVocabulary vocabulary{.model = model, .pre = model == "gpt2" ? "gpt-2" : "default"};
  vocabulary.add("<unk>", TokenType::unknown);
  vocabulary.add(first, TokenType::control);
  vocabulary.add(last, TokenType::control);
  vocabulary.add("▁a", TokenType::normal, -1);
  return vocabulary;
}

void expect_frame(const PairFrame& frame, const Ids& before, const Ids& between, const Ids& behind, int type) {
  EXPECT_EQ(frame.before, before);
  EXPECT_EQ(frame.between, between);
  EXPECT_EQ(frame.behind, behind);
  EXPECT_EQ(frame.second_type, type);
}

TEST(PairFrame, IsThatOfATokenizerJson) {
  expect_frame(frame_of(golden_tokenizer("xlm_roberta")), {0}, {2, 2}, {2}, 0);
  const Json tokenizer = golden_tokenizer("bert");
  const auto id = [&](const char* text) { return tokenizer["model"]["vocab"][text].get<Token>(); };
  const Token cls = id("[CLS]"), sep = id("[SEP]");
  expect_frame(frame_of(tokenizer), {cls}, {sep}, {sep}, 1);

  Json processing = tokenizer;
  processing["post_processor"] = {{"type", "RobertaProcessing"}, {"cls", {"[CLS]", cls}}, {"sep", {"[SEP]", sep}}};
  expect_frame(frame_of(processing), {cls}, {sep, sep}, {sep}, 0);
  processing["post_processor"]["type"] = "BertProcessing";
  expect_frame(frame_of(processing), {cls}, {sep}, {sep}, 1);
}

TEST(PairFrame, OtherFormsAreRefused) {
  Json tokenizer = golden_tokenizer("xlm_roberta");
  Json& pair = tokenizer["post_processor"]["pair"];
  const Json right = pair;
  for (Json& piece : pair)
    if (piece.contains("Sequence")) piece["Sequence"]["id"] = "A";
  EXPECT_THROW(frame_of(tokenizer), Error);
  pair = Json::array({right[1]});
  EXPECT_THROW(frame_of(tokenizer), Error);
  tokenizer["post_processor"] = {{"type", "Else"}};
  EXPECT_THROW(frame_of(tokenizer), Error);
}

TEST(PairFrame, ATokenizerMayFrameNothing) {
  Json tokenizer = golden_tokenizer("xlm_roberta");
  const Json byte_level = {{"type", "ByteLevel"}, {"trim_offsets", true}};
  tokenizer["post_processor"] = byte_level;
  expect_frame(frame_of(tokenizer), {}, {}, {}, 0);
  tokenizer["post_processor"] = {{"type", "Sequence"}, {"processors", Json::array({byte_level})}};
  expect_frame(frame_of(tokenizer), {}, {}, {}, 0);
  tokenizer["post_processor"] = nullptr;
  expect_frame(frame_of(tokenizer), {}, {}, {}, 0);
}

TEST(PairFrame, GgufFilesFrameAsTheirKindDoes) {
  {
    auto writer = vocabulary("bert", "[CLS]", "[SEP]").write();
    writer.key("tokenizer.ggml.cls_token_id", uint32_t{1}).key("tokenizer.ggml.seperator_token_id", uint32_t{2});
    const auto loaded = test::load(writer);
    expect_frame(PairFrame::read(loaded.file->metadata(), *loaded.tokenizer), {1}, {2}, {2}, 1);
  }
  for (const bool twice : {true, false}) {
    auto writer = vocabulary("t5", "<s>", "</s>").write();
    writer.key("tokenizer.ggml.bos_token_id", uint32_t{1}).key("tokenizer.ggml.eos_token_id", uint32_t{2});
    writer.key("tokenizer.ggml.add_bos_token", true).key("tokenizer.ggml.add_eos_token", true);
    if (!twice) writer.key("tokenizer.ggml.add_sep_token", false);
    const auto loaded = test::load(writer);
    expect_frame(PairFrame::read(loaded.file->metadata(), *loaded.tokenizer), {1}, twice ? Ids{2, 2} : Ids{2}, {2}, 0);
  }
  auto writer = vocabulary("gpt2", "[CLS]", "[SEP]").write();
  writer.key("tokenizer.ggml.bos_token_id", uint32_t{1}).key("tokenizer.ggml.eos_token_id", uint32_t{2});
  writer.key("tokenizer.ggml.add_bos_token", true).key("tokenizer.ggml.add_eos_token", true);
  writer.key("tokenizer.ggml.add_sep_token", true);  // as ModernBERT's files say, whose [SEP] stands once
  const auto loaded = test::load(writer);
  expect_frame(PairFrame::read(loaded.file->metadata(), *loaded.tokenizer), {1}, {2}, {2}, 1);
}

}  // namespace
}  // namespace loam
