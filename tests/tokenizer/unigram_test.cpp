#include "tokenizer/unigram.h"

#include <gtest/gtest.h>

#include "base/error.h"
#include "tests/tokenizer/small_vocabulary.h"

namespace loam {
namespace {

using test::load;
using test::SmallVocabulary;

using Tokens = std::vector<Token>;

SmallVocabulary small_unigram() {
  SmallVocabulary vocabulary{.model = "t5", .pre = ""};
  vocabulary.add("<pad>", TokenType::control);
  vocabulary.add("</s>", TokenType::control);
  vocabulary.add("<unk>", TokenType::unknown);
  return vocabulary;
}

TEST(Unigram, TakesTheSegmentationOfTheHighestSum) {
  SmallVocabulary vocabulary = small_unigram();
  const Token a = vocabulary.add("a", TokenType::normal, -1), b = vocabulary.add("b", TokenType::normal, -4);
  const Token ab = vocabulary.add("ab", TokenType::normal, -6), bb = vocabulary.add("bb", TokenType::normal, -5);
  const auto tokenizer = load(vocabulary.write());
  EXPECT_EQ(tokenizer->encode("ab"), (Tokens{a, b}));        // -5 beats -6
  EXPECT_EQ(tokenizer->encode("abb"), (Tokens{a, bb}));      // -6 beats -9 and -10
  EXPECT_EQ(tokenizer->encode("abbb"), (Tokens{a, b, bb}));  // the first of equals
  EXPECT_EQ(tokenizer->encode("a", {.add_special = true}), (Tokens{a, 1}));
  EXPECT_NE(ab, bb);
}

TEST(Unigram, ARunOfUnknownCharactersIsOneToken) {
  SmallVocabulary vocabulary = small_unigram();
  const Token a = vocabulary.add("a", TokenType::normal, -1);
  const auto tokenizer = load(vocabulary.write());
  EXPECT_EQ(tokenizer->encode("한국a한"), (Tokens{2, a, 2}));
  EXPECT_EQ(tokenizer->encode("\xFF\xFE"), (Tokens{2}));
}

TEST(Unigram, SpacesAreKeptOrMergedAsTheMetadataAsks) {
  SmallVocabulary vocabulary = small_unigram();
  const Token space = vocabulary.add("▁", TokenType::normal, -1), a = vocabulary.add("a", TokenType::normal, -1);
  const auto kept = load(vocabulary.write());
  EXPECT_EQ(kept->encode(" a  a "), (Tokens{space, a, space, space, a, space}));
  const auto prefixed = load(vocabulary.write().key("tokenizer.ggml.add_space_prefix", true));
  EXPECT_EQ(prefixed->encode("a a"), (Tokens{space, a, space, a}));
  EXPECT_EQ(prefixed->decode(prefixed->encode("a a")), "a a");
  const auto merged = load(vocabulary.write().key("tokenizer.ggml.remove_extra_whitespaces", true));
  EXPECT_EQ(merged->encode("  a  a  "), (Tokens{space, a, space, a}));
}

// A double array that replaces "A" by `replacement`: root → 'A' (unit 256 ^ 'A' = 321) → value (unit 320).
std::vector<uint8_t> map_of_a(const std::string& replacement, uint32_t value = 0) {
  std::vector<uint32_t> units(512, 0);
  units[0] = 256u << 10;
  units[321] = 'A' | 0x100 | 1u << 10;
  units[320] = value;
  test::Bytes bytes;
  bytes.put(static_cast<uint32_t>(units.size() * 4));
  for (const uint32_t unit : units) bytes.put(unit);
  bytes.raw(replacement);
  return {bytes.str().begin(), bytes.str().end()};
}

TEST(Unigram, TheCharactersMapIsApplied) {
  SmallVocabulary vocabulary = small_unigram();
  const Token a = vocabulary.add("a", TokenType::normal, -1);
  const auto with = [&](const std::vector<uint8_t>& map) {
    return load(vocabulary.write().array("tokenizer.ggml.precompiled_charsmap", map));
  };
  const std::string aa("aa\0", 3);
  EXPECT_EQ(with(map_of_a(aa))->encode("AaB"), (Tokens{a, a, a, 2}));
  EXPECT_EQ(with(map_of_a(aa, 1))->encode("A"), (Tokens{a}));
  EXPECT_EQ(with(map_of_a("a"))->encode("A"), (Tokens{a}));                     // without its NUL
  EXPECT_EQ(with(map_of_a(aa, 77))->encode("A"), (Tokens{2}));                  // points past the texts
  EXPECT_EQ(with(map_of_a(std::string(1000, 'a')))->encode("A"), (Tokens{2}));  // explodes
}

TEST(Unigram, AMapThatDoesNotFitItsLengthIsRefused) {
  const SmallVocabulary vocabulary = small_unigram();
  for (const std::vector<uint8_t>& map :
       {std::vector<uint8_t>{1}, {0, 0, 0, 0}, {8, 0, 0, 0, 1, 2, 3, 4}, {3, 0, 0, 0, 1, 2, 3}}) {
    try {
      load(vocabulary.write().array("tokenizer.ggml.precompiled_charsmap", map));
      ADD_FAILURE() << "accepted";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Error::Code::model_invalid);
      EXPECT_TRUE(error.where().starts_with("length@")) << error.what();
    }
  }
}

}  // namespace
}  // namespace loam
