#include "memory/text/words.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "memory/text/english_stemmer.h"
#include "memory/text/korean_stemmer.h"
#include "memory/text/russian_stemmer.h"

namespace loam {
namespace {

std::vector<std::string> terms_of(std::string_view text) {
  std::vector<std::string> terms;
  for (const Word& word : words_of(text)) terms.push_back(word.term);
  return terms;
}

using Terms = std::vector<std::string>;

TEST(EnglishStemmer, KnownPairs) {
  const std::vector<std::pair<std::string, std::string>> pairs = {
      {"consigned", "consign"},
      {"consistency", "consist"},
      {"knightly", "knight"},
      {"knots", "knot"},
      {"hopping", "hop"},
      {"hoping", "hope"},
      {"caresses", "caress"},
      {"ties", "tie"},
      {"cries", "cri"},
      {"gas", "gas"},
      {"gaps", "gap"},
      {"kiwis", "kiwi"},
      {"luxuriated", "luxuri"},
      {"agreed", "agre"},
      {"happily", "happili"},
      {"relational", "relat"},
      {"generously", "generous"},
      {"general", "general"},
      {"universe", "univers"},
      {"university", "universiti"},
      {"nationalization", "nation"},
      {"adjustment", "adjust"},
      {"adoption", "adopt"},
      {"controll", "control"},
      {"dying", "die"},
      {"skies", "sky"},
      {"succeeding", "succeed"},
      {"herrings", "herring"},
      {"caroline's", "carolin"},
      {"youth", "youth"},
      {"sayings", "say"},
      {"added", "add"},
      {"psychologists", "psycholog"},
      {"paste", "paste"},
      {"by", "by"},
  };
  for (const auto& [word, stem] : pairs) EXPECT_EQ(stem_english(word), stem) << word;
}

TEST(RussianStemmer, KnownPairs) {
  const std::vector<std::pair<std::string, std::string>> pairs = {
      {"важнейшими", "важн"},  {"вагонами", "вагон"},     {"бегавшая", "бега"},    {"важности", "важност"},
      {"валившийся", "вал"},   {"видевшие", "видевш"},    {"падением", "паден"},   {"павильон", "павильон"},
      {"нелепейшее", "нелеп"}, {"сделанный", "сдела"},    {"рожденный", "рожден"}, {"ёлка", "елк"},
      {"улыбаясь", "улыб"},    {"пришедшего", "пришедш"}, {"длинною", "длин"},     {"ночь", "ноч"},
  };
  for (const auto& [word, stem] : pairs) EXPECT_EQ(stem_russian(word), stem) << word;
}

TEST(KoreanStemmer, DropsParticlesThatTheSoundBeforeAsksFor) {
  EXPECT_EQ(without_particle("학교에서"), "학교");
  EXPECT_EQ(without_particle("꿈을"), "꿈");
  EXPECT_EQ(without_particle("커피를"), "커피");
  EXPECT_EQ(without_particle("마을"), "마을");
  EXPECT_EQ(without_particle("나이"), "나이");
  EXPECT_EQ(without_particle("서울은"), without_particle("서울이"));
  EXPECT_EQ(stem_korean("좋아하는"), stem_korean("좋아해"));
  EXPECT_EQ(inner_syllable_pairs("자연어처리를"), (Terms{"연어", "어처", "처리"}));
  EXPECT_TRUE(inner_syllable_pairs("꿈을").empty());
}

TEST(Words, FoldsAndStems) {
  EXPECT_EQ(terms_of("The RUNNERS were running, naïve cafés"), (Terms{"the", "runner", "were", "run", "naiv", "cafe"}));
  EXPECT_EQ(terms_of("Ёлки ёлка"), (Terms{"елк", "елк"}));
  EXPECT_EQ(terms_of("ｗｉｄｅ ﬁne"), (Terms{"wide", "fine"}));
  EXPECT_EQ(terms_of("GGUF가 서울에서"), (Terms{"gguf", "가", "서울"}));
  EXPECT_EQ(terms_of("東京大学へ"), (Terms{"東京", "京大", "大学", "学へ"}));
}

TEST(Words, DecomposedHangulIsTheSameAsComposed) {
  EXPECT_EQ(terms_of("\u1112\u1161\u11ab\u1100\u1173\u11af"), terms_of("한글"));
}

TEST(Words, NumbersAndIdentifiersStayWhole) {
  EXPECT_EQ(terms_of("D1:3 at 1:56, v2.5 qwen2.5-7b."), (Terms{"d1:3", "at", "1:56", "v2.5", "qwen2.5", "7b"}));
}

TEST(Words, PointIntoTheText) {
  const std::string text = "¿Où? Привет, мир’s 꿈을 don’t";
  for (const Word& word : words_of(text)) EXPECT_EQ(text.substr(word.offset, word.text.size()), word.text);
  EXPECT_EQ(words_of(text).back().text, "don’t");
}

TEST(Words, StopWordsOfThreeLanguages) {
  for (const char* stop : {"the", "What", "don’t", "что", "её", "Какие", "나는", "어디에서", "그리고"}) {
    ASSERT_EQ(words_of(stop).size(), 1U) << stop;
    EXPECT_TRUE(words_of(stop)[0].stop) << stop;
  }
  for (const char* other : {"perplexity", "память", "기억", "2024"}) EXPECT_FALSE(words_of(other)[0].stop) << other;
}

TEST(Words, LanguageByScript) {
  EXPECT_EQ(detect_language("I work with GGUF, это почти всё"), Language::en);
  EXPECT_EQ(detect_language("GGUF 파일을 어디에서 받았는지 기억해"), Language::ko);
  EXPECT_EQ(detect_language("модель qwen отвечает по-русски"), Language::ru);
  EXPECT_EQ(detect_language("12:30 … !"), Language::other);
  EXPECT_EQ(language_name(Language::ko), "ko");
  const auto words = words_of("модель GGUF 기억 42");
  EXPECT_EQ(words[0].language, Language::ru);
  EXPECT_EQ(words[1].language, Language::en);
  EXPECT_EQ(words[2].language, Language::ko);
  EXPECT_EQ(words[3].language, Language::other);
}

TEST(Words, EndlessAndBrokenTexts) {
  for (const Word& word : words_of(std::string(100'000, 'a'))) EXPECT_LE(word.text.size(), 64U);
  EXPECT_EQ(terms_of("ab\xFF\xC3\xEA\xB0 cd"), (Terms{"ab", "cd"}));
  EXPECT_NO_THROW(words_of("가\u0301나다라 ᄀ\u0301 'll ' '' \u0301"));
  EXPECT_TRUE(words_of("").empty());
}

}  // namespace
}  // namespace loam
