#include <gtest/gtest.h>

#include "engine/grammar/grammar_cache.h"
#include "tests/engine/grammar/grammar_support.h"

namespace loam {
namespace {

using Expression = GrammarExpression;
using test::accepts;
using test::compile;

constexpr const char* kArguments =
    R"({"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"], "additionalProperties": false})";

TEST(GrammarExpression, Choices) {
  const auto grammar = compile(Expression::choices({"yes", "no", "maybe", "", "yes"}));
  for (const char* text : {"yes", "no", "maybe", ""}) EXPECT_TRUE(accepts(grammar, text)) << text;
  EXPECT_FALSE(accepts(grammar, "may"));
  EXPECT_FALSE(accepts(grammar, "yesno"));
  EXPECT_NE(test::grammar_error(Expression::choices({})).message().find("no choice"), std::string::npos);
}

TEST(GrammarExpression, ToolCallsOneOrSeveralTimes) {
  const auto call =
      Expression::sequence({Expression::literal("<tool_call>\n"), Expression::json_schema_text(kArguments),
                            Expression::literal("\n</tool_call>")});
  const auto grammar = compile(Expression::repeat(call, 1));
  const std::string text = "<tool_call>\n{\"city\": \"Seoul\"}\n</tool_call>";
  EXPECT_TRUE(accepts(grammar, text));
  EXPECT_TRUE(accepts(grammar, text + text));
  EXPECT_FALSE(accepts(grammar, ""));
  EXPECT_FALSE(accepts(grammar, "Hello"));
  EXPECT_FALSE(accepts(compile(Expression::repeat(call, 1, 2)), text + text + text));
  EXPECT_TRUE(accepts(compile(Expression::optional(call)), ""));
}

TEST(GrammarExpression, FreeTextUntilATrigger) {
  const auto call =
      Expression::sequence({Expression::text_until({"<tool_call>"}), Expression::literal("\n"),
                            Expression::json_schema_text(kArguments), Expression::literal("\n</tool_call>")});
  const auto grammar =
      compile(Expression::sequence({Expression::repeat(call, 0), Expression::text_without({"<tool_call>"})}));
  EXPECT_TRUE(accepts(grammar, ""));
  EXPECT_TRUE(accepts(grammar, "It is <b>warm</b> <tool_cal"));
  EXPECT_TRUE(accepts(grammar, "Let me see.<<tool_call>\n{\"city\": \"Seoul\"}\n</tool_call> and"));
  EXPECT_TRUE(
      accepts(grammar, "<tool_call>\n{\"city\": \"A\"}\n</tool_call><tool_call>\n{\"city\": \"B\"}\n</tool_call>"));
  EXPECT_FALSE(accepts(grammar, "<tool_call> Seoul"));
  EXPECT_FALSE(accepts(grammar, "<tool_call>\n{\"city\": \"Seoul\"}"));
}

TEST(GrammarExpression, AGrammarAfterThinking) {
  const auto grammar =
      compile(Expression::sequence({Expression::text_until({"</think>"}), Expression::choices({"yes", "no"})}));
  EXPECT_TRUE(accepts(grammar, "Well, </ </th </think>yes"));
  EXPECT_FALSE(accepts(grammar, "yes"));
  EXPECT_FALSE(accepts(grammar, "</think>maybe"));
}

TEST(GrammarExpression, TriggersThatEndEachOther) {
  const auto grammar = compile(Expression::text_until({"abab", "bac"}));
  EXPECT_TRUE(accepts(grammar, "xabab"));
  EXPECT_TRUE(accepts(grammar, "ababac") || accepts(grammar, "abab"));
  EXPECT_TRUE(accepts(grammar, "aabac"));
  EXPECT_FALSE(accepts(grammar, "abab "));  // ends at the first
  const auto without = compile(Expression::text_without({"abab", "ba"}));
  EXPECT_TRUE(accepts(without, "ab"));
  EXPECT_FALSE(accepts(without, "aba"));
  EXPECT_NE(test::grammar_error(Expression::text_until({""})).message().find("empty"), std::string::npos);
}

// A token by its id: its bytes do not count, and bytes do not make it.
TEST(GrammarExpression, TokensById) {
  const std::vector<std::string> pieces{"", "", "a", "b"};
  const auto vocabulary = std::make_shared<const GrammarVocabulary>(pieces, std::vector<Token>{0});
  const auto grammar = Grammar::compile(
      Expression::sequence({Expression::token(1), Expression::literal("a"), Expression::token(1)}), vocabulary);
  GrammarMatcher matcher(grammar);
  for (const Token token : {1, 2, 1, 0}) {
    EXPECT_EQ(test::allowed_tokens(matcher), (std::vector<Token>{token}));
    matcher.accept(token);
  }
  EXPECT_TRUE(matcher.has_ended());
}

TEST(GrammarMatcher, EndTokensOnlyWhereTheTextMayEnd) {
  const auto grammar = compile(Expression::literal("ab"));
  GrammarMatcher matcher(grammar);
  EXPECT_FALSE(matcher.may_end());
  EXPECT_FALSE(test::is_allowed(matcher.allowed(), test::kEndToken));
  matcher.accept(test::byte_token('a'));
  matcher.accept(test::byte_token('b'));
  EXPECT_TRUE(matcher.may_end());
  EXPECT_EQ(test::allowed_tokens(matcher), (std::vector<Token>{test::kEndToken}));
  matcher.accept(test::kEndToken);
  EXPECT_TRUE(matcher.has_ended());
  EXPECT_EQ(test::allowed_tokens(matcher), (std::vector<Token>{test::kEndToken}));
}

// Whoever chose a token that was not allowed gets to the end, not into another text.
TEST(GrammarMatcher, AfterATokenThatWasNotAllowedNothingFollows) {
  GrammarMatcher matcher(compile(Expression::literal("ab")));
  matcher.accept(test::byte_token('x'));
  EXPECT_FALSE(matcher.may_end());
  EXPECT_EQ(test::allowed_tokens(matcher), (std::vector<Token>{test::kEndToken}));
}

TEST(GrammarMatcher, AVocabularyThatLacksBytesEndsTheText) {
  const auto vocabulary =
      std::make_shared<const GrammarVocabulary>(std::vector<std::string>{"a", ""}, std::vector<Token>{});
  GrammarMatcher matcher(Grammar::compile(Expression::literal("ab"), vocabulary));
  EXPECT_EQ(test::is_allowed(matcher.allowed(), 0), true);
  matcher.accept(0);
  EXPECT_TRUE(test::is_allowed(matcher.allowed(), 1));
  EXPECT_FALSE(matcher.may_end());
}

TEST(GrammarMatcher, TellsTheTextThatMustCome) {
  GrammarMatcher matcher(test::schema(kArguments));
  EXPECT_EQ(matcher.forced_text(), "{");
  for (const char c : std::string_view("{\"")) matcher.accept(test::byte_token(c));
  EXPECT_EQ(matcher.forced_text(), "city\":");
  EXPECT_EQ(matcher.forced_text(2), "ci");
  GrammarMatcher ended(compile(Expression::literal("")));
  EXPECT_EQ(ended.forced_text(), "");
}

TEST(GrammarCache, CompilesOnce) {
  GrammarCache cache(test::small_vocabulary());
  const auto first = cache.get(Expression::json_schema_text(kArguments));
  EXPECT_EQ(cache.get(Expression::json_schema_text(kArguments)), first);
  EXPECT_NE(cache.get(Expression::json_object()), first);
  EXPECT_NE(cache.get(Expression::choices({"ab", "c"})), cache.get(Expression::choices({"a", "bc"})));
  EXPECT_EQ(cache.size(), 4u);
}

TEST(GrammarCache, ForgetsWhatWasUsedLongAgo) {
  GrammarCache cache(test::small_vocabulary());
  const auto kept = Expression::literal("kept"), dropped = Expression::literal("dropped");
  const auto first_kept = cache.get(kept), first_dropped = cache.get(dropped);
  for (int i = 0; i < 100; ++i) {
    cache.get(Expression::literal(std::to_string(i)));
    EXPECT_EQ(cache.get(kept), first_kept);
  }
  EXPECT_EQ(cache.size(), 32u);
  EXPECT_NE(cache.get(dropped), first_dropped);
}

}  // namespace
}  // namespace loam
