#include <gtest/gtest.h>

#include "tests/engine/grammar/grammar_support.h"

namespace loam {
namespace {

using test::accepts;

std::shared_ptr<const Grammar> gbnf(std::string_view text) { return test::compile(GrammarExpression::gbnf(text)); }

TEST(Gbnf, LiteralsAndAlternatives) {
  const auto grammar = gbnf("root ::= \"yes\" | \"no\" # an answer\n");
  EXPECT_TRUE(accepts(grammar, "yes"));
  EXPECT_TRUE(accepts(grammar, "no"));
  EXPECT_FALSE(accepts(grammar, "yesno"));
  EXPECT_FALSE(accepts(grammar, "ye"));
}

TEST(Gbnf, CharacterClasses) {
  EXPECT_TRUE(accepts(gbnf("root ::= [a-c0_]"), "b"));
  EXPECT_TRUE(accepts(gbnf("root ::= [a-c0_]"), "_"));
  EXPECT_FALSE(accepts(gbnf("root ::= [a-c0_]"), "d"));
  EXPECT_TRUE(accepts(gbnf("root ::= [^a-c]"), "é"));
  EXPECT_FALSE(accepts(gbnf("root ::= [^a-c]"), "a"));
  EXPECT_TRUE(accepts(gbnf("root ::= [^\"\\\\\\x7F\\x00-\\x1F]+"), "plain"));
  EXPECT_FALSE(accepts(gbnf("root ::= [^\"\\\\\\x7F\\x00-\\x1F]+"), "\""));
  EXPECT_TRUE(accepts(gbnf("root ::= [ぁ-ゟ]"), "ん"));
  EXPECT_TRUE(accepts(gbnf("root ::= [\\u3041-\\u309F]"), "ん"));
  EXPECT_TRUE(accepts(gbnf("root ::= [\\U0001F600-\\U0001F64F]"), "😀"));
  EXPECT_TRUE(accepts(gbnf("root ::= [a\\]\\-]+"), "]a-"));
  EXPECT_TRUE(accepts(gbnf("root ::= [a-]+"), "-a"));
  EXPECT_TRUE(accepts(gbnf("root ::= ."), "漢"));
  EXPECT_TRUE(accepts(gbnf("root ::= ."), "\n"));
  EXPECT_FALSE(accepts(gbnf("root ::= ."), "\x80"));
}

TEST(Gbnf, EscapesInLiterals) {
  EXPECT_TRUE(accepts(gbnf(R"(root ::= "\n\r\t\"\\\x41\u00e9\U0001F600")"), "\n\r\t\"\\Aé😀"));
}

TEST(Gbnf, Repetitions) {
  const auto counted = gbnf("root ::= \"a\"{2,3}");
  EXPECT_FALSE(accepts(counted, "a"));
  EXPECT_TRUE(accepts(counted, "aa"));
  EXPECT_TRUE(accepts(counted, "aaa"));
  EXPECT_FALSE(accepts(counted, "aaaa"));
  EXPECT_TRUE(accepts(gbnf("root ::= \"a\"{2}"), "aa"));
  EXPECT_TRUE(accepts(gbnf("root ::= \"a\"{2,}"), "aaaaa"));
  EXPECT_FALSE(accepts(gbnf("root ::= \"a\"{2,}"), "a"));
  EXPECT_TRUE(accepts(gbnf("root ::= \"a\"{,2} \"b\""), "b"));
  EXPECT_TRUE(accepts(gbnf("root ::= \"a\"* \"b\"+ \"c\"?"), "bb"));
  EXPECT_TRUE(accepts(gbnf("root ::= \"a\"* \"b\"+ \"c\"?"), "aabc"));
  EXPECT_FALSE(accepts(gbnf("root ::= \"a\"* \"b\"+ \"c\"?"), "ac"));
  EXPECT_TRUE(accepts(gbnf("root ::= (\"a\" | \"b\" \"c\"){2}"), "abc"));
}

// Larger ones are counted while matching instead of written out.
TEST(Gbnf, LargeRepetitions) {
  const auto grammar = gbnf("root ::= item{100,200} \".\"\nitem ::= [a-z] | \"<\" [0-9]{1,80} \">\"");
  const auto times = [](int n, const std::string& text) {
    std::string out;
    for (int i = 0; i < n; ++i) out += text;
    return out;
  };
  EXPECT_TRUE(accepts(grammar, times(100, "a") + "."));
  EXPECT_FALSE(accepts(grammar, times(99, "a") + "."));
  EXPECT_TRUE(accepts(grammar, times(200, "<1>") + "."));
  EXPECT_FALSE(accepts(grammar, times(201, "a") + "."));
  EXPECT_FALSE(accepts(grammar, times(150, "a") + "<" + times(81, "1")));
}

TEST(Gbnf, RulesGoOnInTheNextLineWithinGroupsAndAfterBars) {
  const auto grammar =
      gbnf("root ::= (\n  \"a\" # first\n  \"b\"\n) |\n  \"c\"\n  | other\nother ::= \"d\"\n\n# the end");
  for (const char* text : {"ab", "c", "d"}) EXPECT_TRUE(accepts(grammar, text)) << text;
}

TEST(Gbnf, Recursion) {
  const auto grammar = gbnf(R"g(
root ::= expression
expression ::= term ([-+] term)*
term ::= factor ([*/] factor)*
factor ::= [0-9]+ | "(" expression ")"
)g");
  EXPECT_TRUE(accepts(grammar, "1+2*(3-(4))/5"));
  EXPECT_TRUE(accepts(grammar, "((((((((1))))))))"));
  EXPECT_FALSE(accepts(grammar, "1+"));
  EXPECT_FALSE(accepts(grammar, "(1"));
  EXPECT_FALSE(accepts(grammar, "1)"));
}

// Stacks of calls that differ only in where they return to are one: nesting stays cheap where it is ambiguous.
TEST(Gbnf, AmbiguousNesting) {
  const auto grammar = gbnf(R"g(
root ::= a | b
a ::= c "x"
b ::= c "y"
c ::= "(" root ")" | "i"
)g");
  std::string text = "i";
  for (int i = 0; i < 60; ++i) text = "(" + text + (i % 2 ? "x)" : "y)");
  EXPECT_TRUE(accepts(grammar, text + "x"));
  EXPECT_FALSE(accepts(grammar, text));
}

// A rule that ends with itself needs no deeper stack for a longer text.
TEST(Gbnf, RightRecursionOfAnyLength) {
  const auto grammar =
      gbnf("root ::= words\nwords ::= word \" \" words | word\nword ::= letter word | letter\nletter ::= [a-z]");
  std::string text = "ab";
  for (int i = 0; i < 3000; ++i) text += " cd";
  EXPECT_TRUE(accepts(grammar, text));
}

TEST(Gbnf, EmptyRules) {
  const auto grammar =
      gbnf("root ::= space \"a\" space space \"b\" nothing\nspace ::= \" \"*\nnothing ::= space | \"\"");
  EXPECT_TRUE(accepts(grammar, "ab"));
  EXPECT_TRUE(accepts(grammar, " a  b "));
  EXPECT_TRUE(accepts(gbnf("root ::= (\"a\"? | \"b\"*)*"), "abba"));
  EXPECT_TRUE(accepts(gbnf("root ::= (\"a\"? | \"b\"*)*"), ""));
  EXPECT_TRUE(accepts(gbnf("root ::= e{100,200}\ne ::= \"a\"?"), "aaa"));
}

TEST(Gbnf, Tokens) {
  const auto grammar = gbnf("root ::= <[0]> | \"a\" <[66]>");
  GrammarMatcher matcher(grammar);
  EXPECT_TRUE(test::is_allowed(matcher.allowed(), test::byte_token('a')));
  matcher.accept(test::byte_token('a'));
  EXPECT_EQ(test::allowed_tokens(matcher), (std::vector<Token>{66}));
}

TEST(GbnfErrors, NameTheLine) {
  struct Refused {
    const char *text, *where, *message;
  };
  const Refused cases[] = {
      {"", "line 1", "no rule 'root'"},
      {"a ::= \"x\"", "line 1", "no rule 'root'"},
      {"root ::= \"a\"\nroot ::= \"b\"", "line 2", "defined twice"},
      {"root ::= x\n", "line 1", "rule 'x' is not defined"},
      {"root = x", "line 1", "'::='"},
      {"root ::= \"a", "line 1", "not closed"},
      {"root ::= [a", "line 1", "not closed"},
      {"root ::= (\"a\"\n\n", "line 3", "not closed"},
      {"\nroot ::= \"a\" )", "line 2", "does not belong here"},
      {"root ::= \"\\q\"", "line 1", "unknown escape"},
      {"root ::= \"a\"{3,2}", "line 1", "at least 3 and at most 2"},
      {"root ::= \"a\"{x}", "line 1", "counts are written"},
      {"root ::= \"\\uD800\"", "line 1", "no character"},
      {"root ::= [b-a]", "line 1", "out of order"},
      {"root ::= <[x]>", "line 1", "token"},
      {"root ::= <[1000000]>", "", "token 1000000"},
      {"root ::= \"a\" é", "line 1", "'é'"},
      {"root ::= \"\xFF\"", "line 1", "UTF-8"},
  };
  for (const auto& [text, where, message] : cases) {
    const Error error = test::grammar_error(GrammarExpression::gbnf(text));
    EXPECT_EQ(error.where(), where) << text;
    EXPECT_NE(error.message().find(message), std::string::npos) << error.what();
  }
}

TEST(GbnfErrors, LeftRecursion) {
  for (const char* text : {"root ::= root \"a\" | \"a\"", "root ::= b \"x\"\nb ::= c? root | \"y\"\nc ::= \"z\"",
                           "root ::= e{1,100}\ne ::= \"\" root | \"a\"", "root ::= a\na ::= b\nb ::= a | \"x\""}) {
    EXPECT_NE(test::grammar_error(GrammarExpression::gbnf(text)).message().find("left-recursive"), std::string::npos)
        << text;
  }
}

}  // namespace
}  // namespace loam
