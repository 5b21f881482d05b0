#include <gtest/gtest.h>

#include "tests/engine/grammar/grammar_support.h"

namespace loam {
namespace {

struct Case {
  const char* pattern;
  std::vector<const char*> accepted, refused;
};

class GrammarRegex : public testing::TestWithParam<Case> {};

TEST_P(GrammarRegex, AcceptsWholeTextsThatMatch) {
  const auto grammar = test::compile(GrammarExpression::regex(GetParam().pattern));
  for (const char* text : GetParam().accepted) EXPECT_TRUE(test::accepts(grammar, text)) << text;
  for (const char* text : GetParam().refused) EXPECT_FALSE(test::accepts(grammar, text)) << text;
}

INSTANTIATE_TEST_SUITE_P(
    Syntax, GrammarRegex,
    testing::Values(
        Case{"abc", {"abc"}, {"ab", "abcd", ""}}, Case{"a|bc|", {"a", "bc", ""}, {"b"}},
        Case{"(ab)+c?", {"ab", "ababc"}, {"c", "aba"}}, Case{"^(yes|no)$", {"yes", "no"}, {"yesno"}},
        Case{"a{2}b{1,}c{0,2}", {"aab", "aabbbcc"}, {"ab", "aabccc"}}, Case{"a*?b+?", {"b", "aabb"}, {"a"}},
        Case{"x{,2}", {"x{,2}"}, {"xx"}}, Case{"a{b}", {"a{b}"}, {}}, Case{"[a-c\\d_-]+", {"a1-_"}, {"d"}},
        Case{"[^\\W\\d]", {"a", "_"}, {"1", " ", "é"}}, Case{"\\w\\W\\d\\D\\s\\S", {"a 1a b"}, {"aa1a b"}},
        Case{".", {"é", "😀", " "}, {"\n", "", "ab"}}, Case{"[^a]", {"\n", "é"}, {"a"}},
        Case{"\\t\\n\\x41\\u00e9\\u{1F600}\\uD83D\\uDE00\\.\\/", {"\t\nAé😀😀./"}, {}},
        Case{"\\p{Lu}\\P{L}", {"É1", "A-"}, {"a1", "AA"}}, Case{"(?:a)(?<name>b)(?P<other>c)", {"abc"}, {}},
        Case{"(a+)+b", {"ab", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaab"}, {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaac"}},
        Case{"(a|aa|aaa){1,100}", {"a", "aaaaaaa"}, {""}}, Case{"((a*)*)*", {"", "aaa"}, {"b"}},
        Case{"(|a){3}", {"", "a", "aaa"}, {"aaaa"}}, Case{"[\\u3040-\\u309f]+", {"ひらがな"}, {"漢"}},
        Case{"(a|b)*a(a|b){20}", {"aaaaaaaaaaaaaaaaaaaaa", "babababababababababababa"}, {"bbbbbbbbbbbbbbbbbbbbb"}}));

INSTANTIATE_TEST_SUITE_P(EmptyClass, GrammarRegex, testing::Values(Case{"a[]|b", {"b"}, {"a"}}));

TEST(GrammarRegexErrors, NameTheOffset) {
  struct Refused {
    const char *pattern, *where, *message;
  };
  const Refused cases[] = {
      {"(a", "offset 2", "not closed"},
      {"a)", "offset 1", "')' without '('"},
      {"[a", "offset 2", "not closed"},
      {"*a", "offset 0", "nothing to repeat"},
      {"a**", "", ""},
      {"a\\", "offset 2", "too early"},
      {"(?=a)", "offset 2", "lookaround"},
      {"(?<=x)*", "offset 3", "lookaround"},
      {"(?!a)", "offset 2", "lookaround"},
      {"(?i)a", "offset 2", "flags"},
      {"(a)\\1", "offset 5", "back-ref"},
      {"\\bword", "offset 2", "boundaries"},
      {"a^b", "offset 1", "'^'"},
      {"a$b", "offset 2", "'$'"},
      {"(a$)b", "offset 2", "'$'"},
      {"[b-a]", "offset 4", "out of order"},
      {"a{3,2}", "offset 6", "least"},
      {"\\p{Nonsense}", "offset 12", "category"},
      {"\\q", "offset 2", "unknown escape"},
      {"\\xZZ", "offset 3", "hexadecimal"},
      {"\\uD800", "offset 6", "surrogate"},
      {"a++", "offset 2", "possessive"},
      {"\xFF", "", "UTF-8"},
  };
  for (const auto& [pattern, where, message] : cases) {
    if (std::string_view(message).empty()) continue;
    const Error error = test::grammar_error(GrammarExpression::regex(pattern));
    EXPECT_EQ(error.where(), where) << pattern;
    EXPECT_NE(error.message().find(message), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace loam
