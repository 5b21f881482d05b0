// Rows 52 to 60 of docs/bad-inputs.md: hostile grammars, schemas and expressions get an Error(grammar_error) or work.
#include <gtest/gtest.h>

#include "engine/grammar/grammar_cache.h"
#include "tests/engine/grammar/grammar_support.h"

namespace loam {
namespace {

using Expression = GrammarExpression;

std::string times(int n, std::string_view text) {
  std::string out;
  for (int i = 0; i < n; ++i) out += text;
  return out;
}

void expect_error(const Expression& expression, std::string_view message) {
  const Error error = test::grammar_error(expression);
  EXPECT_NE(error.message().find(message), std::string::npos) << error.what();
}

TEST(GrammarLimits, NestedGroups) {
  expect_error(Expression::gbnf("root ::= " + times(60'000, "(") + "\"a\"" + times(60'000, ")")), "128 deep");
  expect_error(Expression::gbnf("root ::= " + times(60'000, "(")), "128 deep");
  expect_error(Expression::regex(times(60'000, "(") + "a" + times(60'000, ")")), "128 deep");
  expect_error(Expression::regex(times(60'000, "(?:")), "128 deep");
  EXPECT_TRUE(test::accepts(test::compile(Expression::regex(times(100, "(") + "a" + times(100, ")"))), "a"));
}

TEST(GrammarLimits, ChainsOfRules) {
  std::string left = "root ::= r0\n", right = "root ::= r0\n";
  for (int i = 0; i < 5'000; ++i) {
    left += "r" + std::to_string(i) + " ::= r" + std::to_string(i + 1) + " \"x\"?\n";
    right += "r" + std::to_string(i) + " ::= \"a\" r" + std::to_string(i + 1) + "\n";
  }
  expect_error(Expression::gbnf(left + "r5000 ::= \"x\""), "begins with a rule");
  EXPECT_TRUE(test::accepts(test::compile(Expression::gbnf(right + "r5000 ::= \"x\"")), times(5'000, "a") + "x"));
}

TEST(GrammarLimits, Repetitions) {
  expect_error(Expression::gbnf("root ::= (\"x\"{1000}){1000}"), "repetition of 1000000");
  expect_error(Expression::gbnf("root ::= \"x\"{1000}{1000}"), "repetition of 1000000");
  expect_error(Expression::gbnf("root ::= \"x\"{99999999999999999999}"), "repetition");
  expect_error(Expression::regex("(?:x{1000}){1000}"), "repetition of 1000000");
  expect_error(Expression::regex("x{1000}{1000}"), "repetition of 1000000");
  expect_error(Expression::json_schema_text(R"({"type": "string", "pattern": "^(x{1000}){1000}$"})"),
               "repetition of 1000000");
  expect_error(Expression::json_schema_text(R"({"type": "string", "pattern": "^(x{100}y){300}$", "minLength": 5})"),
               "states");
  EXPECT_TRUE(test::accepts(test::compile(Expression::regex("(x{300}){300}")), times(90'000, "x")));
}

TEST(GrammarLimits, ExpressionsThatBacktrackElsewhere) {
  EXPECT_FALSE(test::accepts(test::compile(Expression::regex("(a+)+b")), times(5'000, "a") + "c"));
  EXPECT_TRUE(test::accepts(test::compile(Expression::regex("(a|a)*(a|a)*b")), times(5'000, "a") + "b"));
  EXPECT_TRUE(test::accepts(test::compile(Expression::regex("((a{0,50}){0,50})*b")), times(2'000, "a") + "b"));
  // Made deterministic at once it would take 2^20 states.
  expect_error(Expression::json_schema_text(R"({"type": "string", "pattern": "^(a|b)*a(a|b){20}$", "maxLength": 90})"),
               "states");
  EXPECT_TRUE(
      test::accepts(test::schema(R"({"type": "string", "pattern": "a(a|b){20}"})"), "\"a" + times(30, "b") + "\""));
}

TEST(GrammarLimits, DeepAndLargeSchemas) {
  expect_error(Expression::json_schema_text(times(10'000, R"({"items":)") + "{}" + times(10'000, "}")), "deep");
  expect_error(Expression::json_schema_text(times(100'000, "[")), "deep");
  expect_error(Expression::json_schema_text(times(100, R"({"not":)") + times(100'000, "[")), "deep");
  expect_error(Expression::json_schema_text(R"({"enum":[)" + times(400'000, "0,") + "0]}"),
               "400001 values; the limit is 50000");
  expect_error(Expression::json_schema_text(R"({"enum":[)" + times(1'000'000, "0,") + "0]}"), "bytes; the limit is");
  expect_error(Expression::choices(std::vector<std::string>(1'000'000, "x")), "limit is 50000");
}

TEST(GrammarLimits, AlternativesMultipliedOut) {
  const std::string ten = R"({"anyOf": [)" + times(9, R"({"minLength": 1}, )") + R"({"maxLength": 9}]})";
  expect_error(Expression::json_schema_text(R"({"allOf": [)" + times(5, ten + ", ") + "{}]}"), "alternatives");
  const std::string none = R"({"anyOf": [)" + times(9, "false, ") + "false]}";
  expect_error(Expression::json_schema_text(R"({"allOf": [)" + times(200, none + ", ") + "{}]}"), "nothing satisfies");
  std::string defs;
  for (int i = 0; i < 5'000; ++i) {
    defs += R"("d)" + std::to_string(i) + R"(": {"anyOf": [{"$ref": "#/$defs/d)" + std::to_string(i + 1) +
            R"("}, {"type": "null"}]}, )";
  }
  expect_error(Expression::json_schema_text(R"({"$ref": "#/$defs/d0", "$defs": {)" + defs + R"("d5000": {}}})"),
               "too many schemas");
}

TEST(GrammarLimits, AmbiguousGrammarsStayBounded) {
  const auto grammar = test::compile(Expression::gbnf("root ::= \"a\" root \"a\" | \"a\" root | \"a\""));
  GrammarMatcher matcher(grammar);
  for (int i = 0; i < 1'500; ++i) {
    matcher.accept(test::byte_token('a'));
    ASSERT_TRUE(matcher.may_end()) << i;
  }
  EXPECT_TRUE(test::is_allowed(matcher.allowed(), test::byte_token('a')));
}

// Deeper than the limit nothing opens any more, and what is open can still be closed.
TEST(GrammarLimits, DepthOfATextIsBounded) {
  const auto grammar = test::compile(Expression::gbnf("root ::= \"[\" root* \"]\""));
  GrammarMatcher matcher(grammar);
  int depth = 0;
  for (; depth < 10'000 && test::is_allowed(matcher.allowed(), test::byte_token('[')); ++depth) {
    matcher.accept(test::byte_token('['));
  }
  EXPECT_GT(depth, 4'000);
  EXPECT_LT(depth, 5'000);
  for (; depth > 0; --depth) {
    ASSERT_TRUE(test::is_allowed(matcher.allowed(), test::byte_token(']')));
    matcher.accept(test::byte_token(']'));
  }
  EXPECT_TRUE(matcher.may_end());
}

// A thousand schemas, each another: what is kept of them is a bounded number.
TEST(GrammarLimits, ManySchemas) {
  GrammarCache cache(test::small_vocabulary());
  for (int i = 0; i < 1'000; ++i) {
    const auto grammar =
        cache.get(Expression::json_schema_text(R"({"type": "object", "properties": {"p)" + std::to_string(i) +
                                               R"(": {"type": "string"}}, "additionalProperties": true})"));
    EXPECT_TRUE(test::random_text(grammar, static_cast<uint64_t>(i)) || true);
    EXPECT_LE(cache.size(), 32u);
  }
}

// Each comes to an end by itself: compiled or refused.
TEST(GrammarLimits, LargeInput) {
  std::string letters = "[";
  for (int c = 0x4E00; c < 0x9000; c += 2) {
    letters += static_cast<char>(0xE0 | c >> 12);
    letters += static_cast<char>(0x80 | (c >> 6 & 63));
    letters += static_cast<char>(0x80 | (c & 63));
  }
  letters += "]";
  const Expression hostile[] = {
      Expression::regex(times(40, letters)),
      Expression::regex(times(2'000, "(a?){1,50}")),
      Expression::regex(times(100, "\\p{L}\\P{Lu}")),
      Expression::json_schema_text(R"({"type": "string", "pattern": ")" + times(100, "(a|b)*a(a|b){9}") +
                                   R"(", "maxLength": 99})"),
      Expression::json_schema_text(
          R"({"type": "number", "minimum": 0.123456789, "maximum": 9876543.21, "multipleOf": 0.99})"),
      Expression::gbnf("root ::= " + times(100'000, "\"a\" | ") + "\"b\""),
      Expression::gbnf("root ::= a b\n" + times(1, "a ::= \"x\"*\nb ::= (a a a a a a a a)*")),
  };
  for (const Expression& expression : hostile) {
    try {
      GrammarMatcher matcher(test::compile(expression));
      matcher.allowed();
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), Error::Code::grammar_error) << error.what();
    }
  }
}

}  // namespace
}  // namespace loam
