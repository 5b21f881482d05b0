#include "memory/text/names.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace loam {
namespace {

// "Anna Petrova:person", with a "?" behind what begins a sentence.
std::vector<std::string> names_in(const std::string& text) {
  const std::vector<Word> words = words_of(text);
  std::vector<std::string> names;
  for (const Name& name : names_of(text, words)) {
    const Word& last = words[name.first + name.n_words - 1];
    const size_t begin = words[name.first].offset;
    names.push_back(text.substr(begin, last.offset + last.text.size() - begin) + ":" +
                    std::string(name_kind_name(name.kind)) + (name.certain ? "" : "?"));
  }
  return names;
}

using Names = std::vector<std::string>;

TEST(Names, EnglishOnesHaveCapitals) {
  EXPECT_EQ(names_in("I had lunch with Anna Petrova in New York, then Dr. Smith called."),
            (Names{"Anna Petrova:person", "New York:place", "Smith:person"}));
  EXPECT_EQ(names_in("We ship project Heron soon, my sister Olga said so."), (Names{"Heron:project", "Olga:person"}));
  EXPECT_EQ(names_in("the coffee was cold and I'm tired"), Names{});
}

TEST(Names, ASentenceBeginsWithACapitalAnyway) {
  EXPECT_EQ(names_in("Anna said no. Coffee was cold."), (Names{"Anna:person?", "Coffee:name?"}));
  EXPECT_EQ(names_in("When is it? Professor Weiss asked."), (Names{"Weiss:person"}));
}

TEST(Names, WeekdaysMonthsAndShoutingAreNone) {
  EXPECT_EQ(names_in("It rained on Monday and all of November."), Names{});
  EXPECT_EQ(names_in("I HATE THIS STUPID THING"), Names{});
  EXPECT_EQ(names_in("How To Make The Best Coffee At Home"), Names{});
}

TEST(Names, RussianOnesInAnyCase) {
  EXPECT_EQ(names_in("вчера ужинал с Анной в Москве, потом позвонил брат Иван"),
            (Names{"Анной:person", "Москве:place", "Иван:person"}));
  EXPECT_EQ(names_in("ёлка стоит, и ещё снег"), Names{}) << "ё folds to another letter";
}

TEST(Names, KoreanOnesByWhatFollows) {
  EXPECT_EQ(names_in("어제 민수 씨를 서울에서 만났어"), (Names{"민수:person", "서울에서:place"}));
  EXPECT_EQ(names_in("바람 프로젝트는 잘 되고 있어"), (Names{"바람:project"}));
}

TEST(Names, AnyBytes) {
  for (const std::string text : {"", "A", "Ä", "Ё", "Mr.", "A B C D E F G", "프로젝트", "씨"}) names_in(text);
}

}  // namespace
}  // namespace loam
