#include <gtest/gtest.h>

#include <thread>

#include "tests/engine/grammar/grammar_support.h"

namespace loam {
namespace {

using Expression = GrammarExpression;

// A mask says of each token what its bytes say one by one: in states within strings and numbers, after counts near and
// far from their ends, and where rules return to several callers.
TEST(GrammarMasks, AgreeWithBytes) {
  struct Case {
    Expression expression;
    std::vector<std::string> after;
  };
  const auto times = [](int n, char c) { return std::string(static_cast<size_t>(n), c); };
  const Case cases[] = {
      {Expression::json_object(),
       {"", "{", "{\"", "{\"a", "{\"a\":", "{\"a\":[[{\"b\":\"", "{\"a\":1", "{\"a\":-0.5e", "{\"a\":[1,\n  ",
        "{\"a\":\"\\", "{\"\\u00", "{\"é\xE6"}},
      {Expression::json_schema_text(
           R"({"type": "object", "properties": {"name": {"type": "string"}, "tags": {"type": "array",
            "items": {"type": "string", "maxLength": 40}, "minItems": 1, "maxItems": 3}}, "required": ["name", "tags"]})"),
       {"", "{\"na", "{\"name\": \"", "{\"name\":\"x\",\"tags\":[\"", "{\"name\":\"x\",\"tags\":[\"" + times(10, 'a'),
        "{\"name\":\"x\",\"tags\":[\"" + times(24, 'a'), "{\"name\":\"x\",\"tags\":[\"" + times(39, 'a'),
        "{\"name\":\"x\",\"tags\":[\"" + times(40, 'a'), "{\"name\":\"x\",\"tags\":[\"a\",\"b\",\"c"}},
      {Expression::json_schema_text(R"({"type": "string", "minLength": 100, "maxLength": 150})"),
       {"\"", "\"" + times(60, 'a'), "\"" + times(80, 'a'), "\"" + times(99, 'a'), "\"" + times(100, 'a'),
        "\"" + times(120, 'a'), "\"" + times(149, 'a'), "\"" + times(150, 'a')}},
      {Expression::gbnf("root ::= [a-z]{0,100} \".\" | (\"ab\" | \"a\"){3,70} \"}\""),
       {"", "a", times(40, 'a'), times(66, 'a'), times(70, 'a'), times(71, 'a'), times(99, 'a'), times(100, 'a')}},
      {Expression::gbnf(
           "root ::= a | b\na ::= c \"x\"\nb ::= c \"y\"\nc ::= \"{\" root \"}\" | \"name\" | \" \"{1,90}"),
       {"", "{", "{{{", "{{name", "{ " + times(30, ' ')}},
      {Expression::text_until({"<tool_call>", "\"}"}), {"", "<tool", "\""}},
      {Expression::regex("(\\w+ )*\\d{2,}-01"), {"", "user ", "the 00", "2024"}},
  };
  for (const auto& [expression, after] : cases) {
    const auto grammar = test::compile(expression);
    for (const std::string& text : after) test::check_mask(grammar, text);
  }
}

TEST(GrammarMasks, AMaskDoesNotDependOnWhatWasAskedBefore) {
  const auto expression = Expression::json_schema_text(
      R"({"type": "array", "items": {"type": "object", "properties": {"a": {"type": "string"}, "b": {}}, "required": ["a"]}})");
  const auto used = test::compile(expression);
  for (uint64_t seed = 0; seed < 20; ++seed) test::random_text(used, seed);
  for (const char* text : {"[{\"a\":\"", "[{\"a\":\"x\",\"b\":[{\"a\":\"", "["}) {
    const auto fresh = test::compile(expression);
    GrammarMatcher a(used), b(fresh);
    for (const char c : std::string_view(text)) {
      a.accept(test::byte_token(c));
      b.accept(test::byte_token(c));
    }
    EXPECT_EQ(test::allowed_tokens(a), test::allowed_tokens(b)) << text;
  }
}

// Every position of a text that is counted is a state of its own; beyond 16 MiB of states they are made anew.
TEST(GrammarMasks, StatesStayWithinTheirMemory) {
  const auto grammar = test::compile(Expression::json_schema_text(R"({"type": "string", "maxLength": 1000000})"));
  GrammarMatcher matcher(grammar), slow(grammar);
  matcher.accept(test::byte_token('"'));
  slow.accept(test::byte_token('"'));
  for (int i = 0; i < 200'000; ++i) {
    matcher.accept(test::byte_token('a'));
    if (i % 1000 == 0) {
      EXPECT_LT(grammar->bytes(), 48u << 20);
      EXPECT_TRUE(test::is_allowed(matcher.allowed(), test::byte_token('a')));
      slow.accept(test::byte_token('b'));
    }
  }
  for (GrammarMatcher* one : {&matcher, &slow}) {
    one->accept(test::byte_token('"'));
    EXPECT_TRUE(one->may_end());
  }
}

TEST(GrammarMasks, ManyThreadsShareAGrammar) {
  const auto grammar = test::compile(Expression::json_object());
  std::vector<std::string> texts(32);
  for (size_t i = 0; i < texts.size(); ++i) texts[i] = test::random_text(grammar, i % 8).value_or("");
  std::vector<std::thread> threads;
  for (size_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (size_t i = t; i < texts.size(); i += 4) EXPECT_EQ(test::random_text(grammar, i % 8).value_or(""), texts[i]);
    });
  }
  for (std::thread& thread : threads) thread.join();
}

TEST(TokenTrie, HoldsTokensInTheOrderOfTheirTexts) {
  const TokenTrie trie({{"b", 1}, {"ab", 2}, {"a", 3}, {"ab", 4}, {"abc", 5}});
  ASSERT_EQ(trie.nodes().size(), 4u);
  const std::vector<std::vector<Token>> tokens{{3}, {2, 4}, {5}, {1}};
  const std::vector<uint32_t> skips{3, 3, 3, 4};
  for (uint32_t i = 0; i < 4; ++i) {
    EXPECT_EQ(std::vector<Token>(trie.tokens(i).begin(), trie.tokens(i).end()), tokens[i]);
    EXPECT_EQ(trie.nodes()[i].skip, skips[i]);
  }
  EXPECT_EQ(trie.depth(), 3);
  EXPECT_TRUE(TokenTrie({}).nodes().empty());
}

}  // namespace
}  // namespace loam
