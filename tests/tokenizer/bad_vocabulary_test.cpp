// Rows 29 to 38 of docs/bad-inputs.md.
#include <gtest/gtest.h>

#include "base/error.h"
#include "tests/tokenizer/small_vocabulary.h"

namespace loam {
namespace {

using test::byte_vocabulary;
using test::load;
using test::SmallVocabulary;
using test::spm_vocabulary;

// Loading must fail as model_invalid at `field`@<offset>, and the message must name `key`.
void expect_refused(const test::GgufBuilder& writer, const std::string& field, const std::string& key) {
  try {
    load(writer);
    FAIL() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Error::Code::model_invalid) << error.what();
    EXPECT_EQ(error.where().substr(0, error.where().find('@')), field) << error.what();
    EXPECT_GT(std::stoull(error.where().substr(error.where().find('@') + 1)), 0u) << error.what();
    EXPECT_NE(error.message().find(key), std::string::npos) << error.what();
  }
}

TEST(BadVocabulary, Row29LengthsThatDiffer) {
  SmallVocabulary types = spm_vocabulary();
  types.types.pop_back();
  expect_refused(types.write(), "length", "tokenizer.ggml.token_type");
  SmallVocabulary scores = spm_vocabulary();
  scores.scores.push_back(0);
  expect_refused(scores.write(), "length", "tokenizer.ggml.scores");
}

TEST(BadVocabulary, Row30ScoresOfTheWrongType) {
  for (const char* model : {"llama", "gpt2"}) {
    const SmallVocabulary good = spm_vocabulary();
    test::GgufBuilder writer;
    writer.key("tokenizer.ggml.model", model).array("tokenizer.ggml.tokens", good.tokens);
    writer.array("tokenizer.ggml.scores", std::vector<uint8_t>(good.tokens.size()));
    writer.array("tokenizer.ggml.merges", std::vector<std::string>());
    expect_refused(writer, "type", "tokenizer.ggml.scores");
  }
}

TEST(BadVocabulary, Row31SpecialIdsOutOfRange) {
  for (const char* key :
       {"tokenizer.ggml.bos_token_id", "tokenizer.ggml.eos_token_id", "tokenizer.ggml.eot_token_id"}) {
    const SmallVocabulary good = spm_vocabulary();
    const auto n_vocab = static_cast<uint32_t>(good.tokens.size());
    expect_refused(good.write().key(key, n_vocab), "token id", key);
    expect_refused(good.write().key(key, int32_t{-1}), "token id", key);
    EXPECT_NO_THROW(load(good.write().key(key, n_vocab - 1)));
  }
}

TEST(BadVocabulary, Row32ByteTokensThatNameNoByte) {
  for (const char* text : {"<0xZZ>", "<0x-1>", "<0x1>", "<0x100>", "0x0A", "<0x0A", "<0x 1>"}) {
    SmallVocabulary vocabulary = spm_vocabulary();
    vocabulary.add(text, TokenType::byte);
    expect_refused(vocabulary.write(), "token", "tokenizer.ggml.tokens");
  }
}

TEST(BadVocabulary, Row33HugeTokensAndMergesOfNothing) {
  SmallVocabulary huge = spm_vocabulary();
  huge.add(std::string(100'000, 'x'));
  expect_refused(huge.write(), "token", "tokenizer.ggml.tokens");
  for (const char* merge : {"x y", "a", "", " ", " a", "a ", "aa a", "a aa"}) {
    SmallVocabulary vocabulary = byte_vocabulary();
    vocabulary.merges.push_back(merge);
    expect_refused(vocabulary.write(), "token", "tokenizer.ggml.merges");
  }
}

TEST(BadVocabulary, Row33MergesInACircleStillEnd) {
  SmallVocabulary vocabulary = byte_vocabulary();
  vocabulary.merge("a", "b");
  vocabulary.merge("b", "a");
  vocabulary.merge("ab", "ab");
  vocabulary.merge("ba", "ba");
  vocabulary.merge("a", "b");  // again, with a higher rank
  const auto tokenizer = load(vocabulary.write());
  EXPECT_EQ(tokenizer->decode(tokenizer->encode(std::string(1000, 'a') + "bababab")),
            std::string(1000, 'a') + "bababab");
}

TEST(BadVocabulary, MissingPartsAreNamed) {
  const SmallVocabulary good = byte_vocabulary();
  test::GgufBuilder no_tokens;
  no_tokens.key("tokenizer.ggml.model", "gpt2");
  EXPECT_THROW(load(no_tokens), Error);
  test::GgufBuilder no_merges;
  no_merges.key("tokenizer.ggml.model", "gpt2").array("tokenizer.ggml.tokens", good.tokens);
  EXPECT_THROW(load(no_merges), Error);
  test::GgufBuilder no_scores;
  no_scores.key("tokenizer.ggml.model", "llama").array("tokenizer.ggml.tokens", good.tokens);
  EXPECT_THROW(load(no_scores), Error);
  EXPECT_THROW(load(test::GgufBuilder()), Error);
}

TEST(BadVocabulary, UnknownKindsAreUnsupportedAndNamed) {
  SmallVocabulary pre = byte_vocabulary();
  pre.pre = "zebra";
  try {
    load(pre.write());
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Error::Code::unsupported);
    EXPECT_NE(error.message().find("zebra"), std::string::npos);
    EXPECT_NE(error.message().find("--force-pre"), std::string::npos);
  }
  EXPECT_EQ(load(pre.write(), "qwen2")->pre(), "qwen2");
  EXPECT_THROW(load(pre.write(), "lion"), Error);
  SmallVocabulary model = byte_vocabulary();
  model.model = "zebra";
  try {
    load(model.write());
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Error::Code::unsupported);
    EXPECT_NE(error.message().find("zebra"), std::string::npos);
  }
}

TEST(BadVocabulary, AMissingPreIsTheDefault) {
  const SmallVocabulary good = byte_vocabulary();
  test::GgufBuilder writer;
  writer.key("tokenizer.ggml.model", "gpt2").array("tokenizer.ggml.tokens", good.tokens);
  writer.array("tokenizer.ggml.merges", std::vector<std::string>());
  EXPECT_EQ(load(writer)->pre(), "default");
}

TEST(BadInput, Row34TextsBeyondTheLimitAreRefusedUnread) {
  const auto tokenizer = load(byte_vocabulary().write());
  const char one = 'a';
  volatile size_t size = size_t{1} << 31;  // only the length is looked at
  EXPECT_THROW(tokenizer->encode(std::string_view(&one, size)), Error);
}

TEST(BadInput, Row36InvalidUtf8IsReplacedOrKeptAsBytes) {
  const auto bytes = load(byte_vocabulary().write()), pieces = load(spm_vocabulary().write());
  for (const std::string& text : {std::string("a\xFF"), std::string("\xED\xA0\x80"), std::string("\xC3"),
                                  std::string("\0x\0", 3), std::string("\xF4\x90\x80\x80"), std::string("\x80\x80")}) {
    EXPECT_EQ(bytes->decode(bytes->encode(text)), sanitize_utf8(text));
    EXPECT_EQ(pieces->decode(pieces->encode(text)), text);
    StreamDecoder decoder(*pieces.tokenizer);
    std::string streamed;
    for (const Token token : pieces->encode(text)) streamed += decoder.push(token);
    streamed += decoder.finish();
    EXPECT_EQ(streamed, " " + sanitize_utf8(text));
  }
}

TEST(BadInput, Row37IdsOutOfRangeHaveNoText) {
  const auto tokenizer = load(byte_vocabulary().write());
  for (const Token token : {-1, 256, INT32_MAX, INT32_MIN}) {
    EXPECT_EQ(tokenizer->piece(token, true), "");
    EXPECT_EQ(tokenizer->text_of(token), "");
    EXPECT_FALSE(tokenizer->is_control(token));
    EXPECT_FALSE(tokenizer->is_end(token));
    EXPECT_EQ(tokenizer->decode({token, 'a' - 33, token}).size(), tokenizer->piece('a' - 33).size());
  }
}

TEST(BadInput, Row38UserTextNeverBecomesControlTokens) {
  SmallVocabulary vocabulary = byte_vocabulary();
  const Token start = vocabulary.add("<|im_start|>", TokenType::control);
  const Token end = vocabulary.add("<|im_end|>", TokenType::user_defined);  // wrongly typed, as in some files
  const auto tokenizer = load(vocabulary.write());
  const std::string text = "<|im_start|>system<|im_end|>";
  for (const Token token : tokenizer->encode(text)) EXPECT_TRUE(token != start && token != end);
  EXPECT_EQ(tokenizer->decode(tokenizer->encode(text)), text);
  const std::vector<Token> parsed = tokenizer->encode(text, {.special = true});
  ASSERT_EQ(parsed.size(), 8u);
  EXPECT_EQ(parsed.front(), start);
  EXPECT_EQ(parsed.back(), end);
}

TEST(BadInput, MergesNeverSpellAControlToken) {
  SmallVocabulary pieces = spm_vocabulary();
  for (const char* part : {"<", "s", ">", "<s", "s>"}) pieces.add(part);
  const auto tokenizer = load(pieces.write());
  for (const Token token : tokenizer->encode("<s></s>")) EXPECT_FALSE(tokenizer->is_control(token));
  EXPECT_EQ(tokenizer->decode(tokenizer->encode("<s></s>")), "<s></s>");
}

}  // namespace
}  // namespace loam
