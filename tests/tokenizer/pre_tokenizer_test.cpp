#include "tokenizer/pre_tokenizer.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "base/utf8.h"
#include "tests/support/support.h"
#include "tokenizer/regex.h"
#include "tokenizer/scanners.h"

namespace loam {
namespace {

std::vector<std::string> split(std::string_view name, std::string_view text) {
  const PreTokenizerInfo* info = find_pre_tokenizer(name);
  EXPECT_NE(info, nullptr) << name;
  std::vector<std::string> words;
  PreTokenizer(*info).split(text, [&](std::string_view word) { words.emplace_back(word); });
  return words;
}

using Words = std::vector<std::string>;

// Characters in which the patterns differ, and some of every other kind.
std::string random_text(std::mt19937& random) {
  static const char* const kParts[] = {
      "a",  "Z",  "é",  "한", "я",  "Я",      "中",     "か",   "'",      "'s",     "'LL",    "'ve",    "1",
      "23", "٣",  "½",  " ",  "  ", "\t",     "\n",     "\r\n", "\u00A0", "\u3000", "\u0085", "\u180E", "\u200B",
      "!",  "//", "，", "$",  "😀",  "\u0301", "\u0903", "_",    "ǅ",      "ʰ",      "\x01",   "\uFFFD", "\U000E0001"};
  std::string text;
  for (size_t n = 1 + random() % 24; n > 0; --n) text += kParts[random() % std::size(kParts)];
  return text;
}

TEST(PreTokenizer, ScannersDoWhatTheirExpressionsSay) {
  std::mt19937 random(1);
  Regex::Workspace workspace;
  for (const std::string_view pattern : {kGpt2Pattern, kLlama3Pattern, kQwen2Pattern, kQwen35Pattern}) {
    const Scanner scanner = find_scanner(pattern);
    ASSERT_NE(scanner, nullptr);
    const Regex regex(pattern);
    for (int round = 0; round < 5000; ++round) {
      const std::string text = random_text(random);
      for (size_t begin = 0; begin < text.size();) {
        Regex::Match match;
        ASSERT_TRUE(regex.find(text, begin, workspace, match));
        ASSERT_EQ(match.begin, begin);
        ASSERT_EQ(scanner(text, begin), match.end) << "at " << begin << " of " << text;
        begin = match.end;
      }
    }
  }
}

TEST(PreTokenizer, EveryOneCoversAnyText) {
  std::mt19937 random(2);
  for (const char* name : {"default",  "llama-bpe",    "qwen2",          "qwen35",      "gpt-2",      "smollm",
                           "falcon",   "deepseek-llm", "deepseek-coder", "deepseek-v3", "spark2_5",   "afmoe",
                           "gpt-4o",   "tekken",       "tiny_aya",       "youtu",       "kimi-k2",    "bloom",
                           "viking",   "chameleon",    "superbpe",       "bailingmoe",  "seed-coder", "ufakzeka",
                           "minicpm5", "laguna",       "exaone-moe",     "jais-2",      "gemma4"}) {
    const PreTokenizer pre(*find_pre_tokenizer(name));
    for (int round = 0; round < 300; ++round) {
      const std::string text = random_text(random);
      std::string joined;
      pre.split(text, [&](std::string_view word) {
        EXPECT_FALSE(word.empty()) << name;
        EXPECT_TRUE(is_valid_utf8(word)) << name;
        joined += word;
      });
      ASSERT_EQ(joined, text) << name;
    }
  }
}

TEST(PreTokenizer, WordsOfTheCommonPatterns) {
  EXPECT_EQ(split("gpt-2", "I'm  here: 2024\n\n x"), (Words{"I", "'m", " ", " here", ":", " 2024", "\n\n", " x"}));
  EXPECT_EQ(split("llama-bpe", "I'M 12345 a\n\n  b!\n"),
            (Words{"I", "'M", " ", "123", "45", " a", "\n\n", " ", " b", "!\n"}));
  EXPECT_EQ(split("qwen2", "x=12;\r\n\ty"), (Words{"x", "=", "1", "2", ";\r\n", "\ty"}));
  EXPECT_EQ(split("smollm", "a 42"), (Words{"a", " ", "4", "2"}));
  EXPECT_EQ(split("deepseek-v3", "abc中文12345 (x)"), (Words{"abc", "中文", "123", "45", " (", "x", ")"}));
  EXPECT_EQ(split("gpt-4o", "helloWorld's приветМир 1234"),
            (Words{"hello", "World's", " привет", "Мир", " ", "123", "4"}));
  EXPECT_EQ(split("tekken", "HTTPServer 12"), (Words{"HTTPServer", " ", "1", "2"}));
  EXPECT_EQ(split("kimi-k2", "hello世界 ok"), (Words{"hello", "世界", " ok"}));
  EXPECT_EQ(split("bloom", "a b, c"), (Words{"a", " b", ",", " c"}));
  EXPECT_EQ(split("gemma4", "a b\n\nc"), (Words{"a b", "\n\n", "c"}));
}

TEST(PreTokenizer, ThousandsAreCountedFromTheRight) {
  EXPECT_EQ(split("afmoe", "x1234567y"), (Words{"x", "1", "234", "567", "y"}));
  EXPECT_EQ(split("superbpe", "1234567 890 12"), (Words{"1", "234", "567", " ", "890", " ", "12"}));
  EXPECT_EQ(split("tiny_aya", "1234 5678x"), (Words{"1", "234", " ", "567", "8", "x"}));
}

TEST(PreTokenizer, TenMegabytesOfOneCharacterAreNotTooLong) {
  for (const char* name : {"gpt-4o", "deepseek-llm", "deepseek-v3", "kimi-k2", "exaone-moe", "jais-2", "tiny_aya"}) {
    const PreTokenizer pre(*find_pre_tokenizer(name));
    for (const char c : {' ', 'a', '1', '\n'}) {
      size_t total = 0;
      pre.split(std::string(test::kLongText, c), [&](std::string_view word) { total += word.size(); });
      EXPECT_EQ(total, test::kLongText) << name << " '" << c << "'";
    }
  }
}

TEST(PreTokenizer, UnknownNamesHaveNoRow) { EXPECT_EQ(find_pre_tokenizer("zebra"), nullptr); }

}  // namespace
}  // namespace loam
