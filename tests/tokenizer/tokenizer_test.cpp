#include "tokenizer/tokenizer.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/support/support.h"
#include "tests/tokenizer/small_vocabulary.h"

namespace loam {
namespace {

using test::byte_vocabulary;
using test::fixture_path;
using test::load;
using test::Loaded;
using test::SmallVocabulary;
using test::spm_vocabulary;

using Tokens = std::vector<Token>;

TEST(SpecialTokens, UserDefinedOnesAreAlwaysFoundTheLongestFirst) {
  SmallVocabulary vocabulary = byte_vocabulary();
  const Token line = vocabulary.add("\n", TokenType::user_defined),
              lines = vocabulary.add("\n\n", TokenType::user_defined);
  const Token tool = vocabulary.add("<tool>", TokenType::user_defined);
  const Token control = vocabulary.add("<tool>x", TokenType::control);
  const auto tokenizer = load(vocabulary.write());
  EXPECT_EQ(tokenizer->encode("\n\n\n"), (Tokens{lines, line}));
  EXPECT_EQ(tokenizer->encode("<tool>x"), (Tokens{tool, 'x'}));
  EXPECT_EQ(tokenizer->encode("<tool>x", {.special = true}), (Tokens{control}));
  EXPECT_EQ(tokenizer->encode("<tool").size(), 5u);
  EXPECT_EQ(tokenizer->piece(tool), "<tool>");
  EXPECT_EQ(tokenizer->piece(control), "");
  EXPECT_EQ(tokenizer->piece(control, true), "<tool>x");
}

TEST(SpecialTokens, Phi3TokensSwallowTheSpaceAfterThem) {
  SmallVocabulary vocabulary = byte_vocabulary();
  const Token user = vocabulary.add("<|user|>", TokenType::control);
  const auto plain = load(vocabulary.write()), phi = load(vocabulary.write().key("general.name", "Phi-3 mini"));
  EXPECT_EQ(plain->encode("<|user|> \na", {.special = true}), (Tokens{user, ' ', '\n', 'a'}));
  EXPECT_EQ(phi->encode("<|user|> \na", {.special = true}), (Tokens{user, 'a'}));
}

TEST(Tokenizer, BosAndEosAreAddedAsTheMetadataAsks) {
  const SmallVocabulary vocabulary = spm_vocabulary();
  EXPECT_EQ(load(vocabulary.write())->encode("", {.add_special = true}), (Tokens{1}));
  const auto both =
      load(vocabulary.write().key("tokenizer.ggml.add_bos_token", false).key("tokenizer.ggml.add_eos_token", true));
  EXPECT_EQ(both->encode("", {.add_special = true}), (Tokens{2}));
  EXPECT_FALSE(both->adds_bos());
  EXPECT_TRUE(both->adds_eos());
  EXPECT_EQ(both->encode(""), Tokens{});
}

TEST(Tokenizer, SpmPutsASpaceBeforeTextAndAfterSpecialTokens) {
  const SmallVocabulary vocabulary = spm_vocabulary();
  const Token space = 259, a = 3 + 'a';
  const auto tokenizer = load(vocabulary.write());
  EXPECT_EQ(tokenizer->encode("a"), (Tokens{space, a}));
  EXPECT_EQ(tokenizer->encode("a<s>a", {.special = true}), (Tokens{space, a, 1, space, a}));
  EXPECT_EQ(tokenizer->decode({space, a}), "a");
  const auto without = load(vocabulary.write().key("tokenizer.ggml.add_space_prefix", false));
  EXPECT_EQ(without->encode("a"), (Tokens{a}));
  EXPECT_EQ(without->decode({space, a}), " a");
}

TEST(Tokenizer, SpmMergesTheHighestScoreFirstAndTheLeftmostOfEquals) {
  SmallVocabulary vocabulary = spm_vocabulary();
  for (const char* letter : {"a", "b", "c"}) vocabulary.add(letter, TokenType::normal, -100);
  const Token ab = vocabulary.add("ab", TokenType::normal, -2), bc = vocabulary.add("bc", TokenType::normal, -1);
  const Token aa = vocabulary.add("aa", TokenType::normal, -3);
  const auto tokenizer = load(vocabulary.write().key("tokenizer.ggml.add_space_prefix", false));
  EXPECT_EQ(tokenizer->encode("abc"), (Tokens{260, bc}));
  EXPECT_EQ(tokenizer->encode("abab"), (Tokens{ab, ab}));
  EXPECT_EQ(tokenizer->encode("aaa"), (Tokens{aa, 260}));
}

TEST(Tokenizer, BpeTakesAWholeWordThatIsATokenWhereThePreSaysSo) {
  SmallVocabulary vocabulary = byte_vocabulary();
  vocabulary.merge("a", "b");
  const Token abc = vocabulary.add("abc");
  EXPECT_EQ(load(vocabulary.write(), "qwen2")->encode("abc"), (Tokens{256, 'c'}));
  EXPECT_EQ(load(vocabulary.write(), "llama-bpe")->encode("abc"), (Tokens{abc}));
}

TEST(Tokenizer, BpeOverCharactersHasByteTokensAndEscapedSpaces) {
  SmallVocabulary vocabulary = spm_vocabulary();
  vocabulary.model = "gpt2";
  const Token a = vocabulary.add("a"), line = vocabulary.add("\n"), lines = vocabulary.add("\n\n");
  vocabulary.merge("▁", "a");
  const Token space_a = vocabulary.tokens.size() - 1;
  const auto tokenizer = load(vocabulary.write().key("tokenizer.ggml.bos_token_id", uint32_t{1}), "gemma4");
  EXPECT_EQ(tokenizer->encode("a a▁a\n\n"), (Tokens{a, space_a, space_a, lines}));
  EXPECT_EQ(tokenizer->encode("\n\n\n"), (Tokens{line, line, line}));  // no merge makes two of them
  EXPECT_EQ(tokenizer->encode("é"), (Tokens{3 + 0xC3, 3 + 0xA9}));
  EXPECT_EQ(tokenizer->encode("a", {.add_special = true}), (Tokens{1, a}));
  EXPECT_EQ(tokenizer->decode(tokenizer->encode("a é a\n")), "a é a\n");
}

TEST(Tokenizer, EndTokensComeFromIdsAndFromKnownTexts) {
  SmallVocabulary vocabulary = byte_vocabulary();
  const Token eos = vocabulary.add("<end>", TokenType::control),
              im_end = vocabulary.add("<|im_end|>", TokenType::control);
  const Token eot = vocabulary.add("<turn-over>", TokenType::control),
              other = vocabulary.add("<|x|>", TokenType::control);
  const auto tokenizer = load(vocabulary.write()
                                  .key("tokenizer.ggml.eos_token_id", static_cast<uint32_t>(eos))
                                  .key("tokenizer.ggml.eot_token_id", static_cast<uint32_t>(eot)));
  EXPECT_EQ(tokenizer->end_tokens(), (Tokens{eos, im_end, eot}));
  EXPECT_TRUE(tokenizer->is_end(im_end));
  EXPECT_FALSE(tokenizer->is_end(other));
  EXPECT_EQ(tokenizer->eos(), eos);
  EXPECT_EQ(tokenizer->bos(), -1);
}

TEST(Tokenizer, HarmonyEndsATurnWithReturnAndCallButNotWithEnd) {
  SmallVocabulary vocabulary = byte_vocabulary();
  const Token end = vocabulary.add("<|end|>", TokenType::control);
  EXPECT_TRUE(load(vocabulary.write())->is_end(end));
  const Token back = vocabulary.add("<|return|>", TokenType::control),
              call = vocabulary.add("<|call|>", TokenType::control);
  EXPECT_EQ(load(vocabulary.write())->end_tokens(), (Tokens{back, call}));
}

TEST(StreamDecoder, HoldsBackUnfinishedSequences) {
  const auto tokenizer = load(byte_vocabulary().write());
  const std::string text = "a한😀";
  StreamDecoder decoder(*tokenizer.tokenizer);
  std::vector<std::string> pushed;
  for (const char c : text) pushed.push_back(decoder.push(static_cast<unsigned char>(c)));
  EXPECT_EQ(pushed, (std::vector<std::string>{"a", "", "", "한", "", "", "", "😀"}));
  EXPECT_EQ(decoder.push(0xF0), "");
  EXPECT_EQ(decoder.finish(), "\uFFFD");
  EXPECT_EQ(decoder.finish(), "");
  EXPECT_EQ(decoder.push(0xED), "");
  EXPECT_EQ(decoder.push('x'), "\uFFFDx");
}

TEST(WordPiece, WritesSpacesBetweenWordsAndNoneInside) {
  SmallVocabulary vocabulary{.model = "bert", .pre = ""};
  vocabulary.add("[UNK]", TokenType::control);
  const Token un = vocabulary.add("▁un"), able = vocabulary.add("able"), bang = vocabulary.add("▁!");
  const auto tokenizer = load(vocabulary.write().key("tokenizer.ggml.unknown_token_id", uint32_t{0}));
  EXPECT_EQ(tokenizer->encode("Unable!\tÜN"), (Tokens{un, able, bang, un}));
  EXPECT_EQ(tokenizer->encode("unx able"), (Tokens{0, 0}));
  EXPECT_EQ(tokenizer->encode(std::string("un") + std::string(200, 'a')), (Tokens{0}));
  EXPECT_EQ(tokenizer->decode({un, able, bang}), "unable !");
}

// The fixtures of all three kinds of vocabularies whose text survives.
class RoundTrip : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    const std::string path = fixture_path(std::string("tokenizers/ggml-vocab-") + GetParam() + ".gguf");
    LOAM_NEEDS(path);
    file_ = GgufFile::open(path);
    tokenizer_ = Tokenizer::load(file_->metadata());
  }

  void expect_survives(const std::string& text) {
    const Tokens tokens = tokenizer_->encode(text);
    ASSERT_EQ(tokenizer_->decode(tokens), text);
    StreamDecoder decoder(*tokenizer_);
    std::string streamed;
    for (const Token token : tokens) {
      const std::string part = decoder.push(token);
      ASSERT_TRUE(is_valid_utf8(part));
      streamed += part;
    }
    streamed += decoder.finish();
    ASSERT_EQ(streamed.substr(streamed.size() - text.size()), text);  // it may have the prefix space
  }

  std::unique_ptr<GgufFile> file_;
  std::unique_ptr<Tokenizer> tokenizer_;
};

TEST_P(RoundTrip, LanguagesCodeAndEmoji) {
  for (const char* text : {"안녕하세요, 세계! 오늘은 날씨가 좋네요.", "Привет, мир! Съешь ещё этих мягких булок.",
                           "👨‍👩‍👧‍👦 🏳️‍🌈 🇰🇷 ✈️",
                           "int main() {\n\treturn a[0] != 'x' ? 1 : -1;  // ok\r\n}\n", "日本語と中文 混ざる",
                           "  two  spaces  ", "\n\n\n \t \n", "naïve café e\u0301", "1234567890 3.14 ½ Ⅷ ٣"}) {
    expect_survives(text);
  }
}

TEST_P(RoundTrip, RandomUnicode) {
  std::mt19937 random(3);
  const std::pair<char32_t, char32_t> ranges[] = {
      {0x20, 0x7E}, {0xA1, 0x24F}, {0x300, 0x52F}, {0xAC00, 0xD7A3}, {0x10000, 0x1FAFF}};
  for (int round = 0; round < 300; ++round) {
    std::string text;
    for (size_t n = random() % 40; n > 0; --n) {
      const auto [first, last] = ranges[random() % std::size(ranges)];
      append_utf8(text, first + random() % (last - first + 1));
    }
    expect_survives(text);
  }
}

INSTANTIATE_TEST_SUITE_P(Vocabularies, RoundTrip,
                         testing::Values("gpt-2", "llama-bpe", "qwen2", "deepseek-llm", "llama-spm", "phi-3"));

class LongRuns : public RoundTrip {};

// Ten megabytes of one character: what is not linear does not end (bad-inputs row 35).
TEST_P(LongRuns, OfOneCharacter) {
  for (const std::string unit : {"a", " ", "\u0301"}) {
    std::string text;
    for (text.reserve(test::kLongText + 2); text.size() < test::kLongText;) text += unit;
    const Tokens tokens = tokenizer_->encode(text);
    EXPECT_TRUE(tokenizer_->decode(tokens) == text) << unit;
    EXPECT_LE(tokens.size(), text.size() + 1);
  }
}

INSTANTIATE_TEST_SUITE_P(Vocabularies, LongRuns, testing::Values("llama-bpe", "deepseek-llm", "llama-spm"));

TEST(WordPiece, LongRunsOfOneCharacterAreOneUnknownWord) {
  const std::string path = fixture_path("tokenizers/ggml-vocab-bert-bge.gguf");
  LOAM_NEEDS(path);
  const auto file = GgufFile::open(path);
  const auto tokenizer = Tokenizer::load(file->metadata());
  EXPECT_EQ(tokenizer->encode(std::string(test::kLongText, 'a')), (Tokens{tokenizer->unknown()}));
  EXPECT_EQ(tokenizer->encode(std::string(test::kLongText, ' ')), Tokens{});
}

}  // namespace
}  // namespace loam
