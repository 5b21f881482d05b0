// Random schemas, held against a checker of their own: what masks allow satisfies the schema, and what satisfies it is
// allowed, whichever way it is cut into tokens.
#include <gtest/gtest.h>

#include <algorithm>

#include "file/gguf.h"
#include "tests/engine/grammar/grammar_support.h"
#include "tests/engine/grammar/schema_checker.h"
#include "tests/support/support.h"

namespace loam {
namespace {

using test::Json;
using test::Random;

// The token that brings a text to its end soonest, as far as its first byte tells.
Token closing_token(const std::vector<Token>& allowed, const GrammarVocabulary& vocabulary, Random& random) {
  for (const std::string_view wanted : {"}", "]", "\"", "null", "n", "0", "1", "2", "-"}) {
    for (const Token token : allowed) {
      if (vocabulary.piece(token) == wanted) return token;
    }
  }
  return allowed[static_cast<size_t>(random.below(static_cast<int>(allowed.size())))];
}

// A walk through the masks, at random at first and then to the end; nothing where it is too long.
std::optional<std::string> walk(const std::shared_ptr<const Grammar>& grammar, Random& random) {
  constexpr int kFree = 120, kMost = 1'000;
  const GrammarVocabulary& vocabulary = grammar->vocabulary();
  GrammarMatcher matcher(grammar);
  std::string text;
  for (int i = 0; i < kMost; ++i) {
    const std::vector<Token> allowed = test::allowed_tokens(matcher);
    if (matcher.may_end() && (i >= kFree || random.one_in(4))) return text;
    const bool at_random = i < kFree && !random.one_in(3);
    const Token token = at_random ? allowed[static_cast<size_t>(random.below(static_cast<int>(allowed.size())))]
                                  : closing_token(allowed, vocabulary, random);
    if (vocabulary.is_end(token)) return text;
    text += vocabulary.piece(token);
    matcher.accept(token);
  }
  return std::nullopt;
}

// Cuts the text into pieces of the vocabulary as they come, and asks for each whether it is allowed.
bool accepts_in_pieces(const std::shared_ptr<const Grammar>& grammar, std::string_view text, Random& random) {
  const GrammarVocabulary& vocabulary = grammar->vocabulary();
  GrammarMatcher matcher(grammar);
  while (!text.empty()) {
    Token token = test::byte_token(text[0]);
    const Token from = 257 + random.below(vocabulary.n_vocab() - 257);
    for (Token other = from; other < vocabulary.n_vocab(); ++other) {
      if (text.starts_with(vocabulary.piece(other))) token = other;
    }
    if (!test::is_allowed(matcher.allowed(), token)) return false;
    matcher.accept(token);
    text.remove_prefix(vocabulary.piece(token).size());
  }
  return matcher.may_end();
}

TEST(RandomSchemas, WhatMasksAllowSatisfiesTheSchema) {
  int n_ended = 0, n_walks = 0;
  for (uint64_t seed = 0; seed < 250; ++seed) {
    Random random(seed);
    const Json schema = test::random_schema(random);
    std::shared_ptr<const Grammar> grammar;
    try {
      grammar = test::schema(schema.dump());
    } catch (const Error& error) {
      EXPECT_NE(error.message().find("nothing satisfies"), std::string::npos) << error.what() << "\n" << schema.dump();
      continue;
    }
    for (int i = 0; i < 2; ++i, ++n_walks) {
      const auto text = walk(grammar, random);
      if (!text) continue;
      ++n_ended;
      const Json value = Json::parse(*text, nullptr, false);
      ASSERT_FALSE(value.is_discarded()) << *text << "\n" << schema.dump();
      ASSERT_TRUE(test::satisfies(schema, schema, value)) << *text << "\n" << schema.dump();
    }
  }
  EXPECT_GT(n_ended, n_walks * 9 / 10);
}

TEST(RandomSchemas, WhatSatisfiesTheSchemaIsAllowed) {
  int n_values = 0;
  for (uint64_t seed = 1000; seed < 1250; ++seed) {
    Random random(seed);
    const Json schema = test::random_schema(random);
    for (int i = 0; i < 4; ++i) {
      const Json value = test::random_value(schema, schema, random);
      if (!test::satisfies(schema, schema, value)) continue;  // bounds that leave no number
      const std::string text = test::written(value, random);
      const auto grammar = test::schema(schema.dump());
      ++n_values;
      ASSERT_TRUE(test::accepts(grammar, text)) << text << "\n" << schema.dump();
      ASSERT_TRUE(accepts_in_pieces(grammar, text, random)) << text << "\n" << schema.dump();
    }
  }
  EXPECT_GT(n_values, 800);
}

TEST(RandomSchemas, MasksAgreeWithBytes) {
  for (uint64_t seed = 2000; seed < 2012; ++seed) {
    Random random(seed);
    const Json schema = test::random_schema(random);
    const Json value = test::random_value(schema, schema, random);
    if (!test::satisfies(schema, schema, value)) continue;
    const std::string text = test::written(value, random);
    const auto grammar = test::schema(schema.dump());
    test::check_mask(grammar, text.substr(0, static_cast<size_t>(random.below(static_cast<int>(text.size()) + 1))));
  }
}

// The vocabularies of real models.
class RealVocabulary : public testing::TestWithParam<const char*> {};

TEST_P(RealVocabulary, WritesAndReadsValidDocuments) {
  LOAM_NEEDS(test::model_path(GetParam()));
  const auto file = GgufFile::open(test::model_path(GetParam()));
  const auto tokenizer = Tokenizer::load(file->metadata());
  const auto vocabulary = std::make_shared<const GrammarVocabulary>(*tokenizer);
  ASSERT_EQ(vocabulary->n_vocab(), tokenizer->n_vocab());
  for (uint64_t seed = 0; seed < 12; ++seed) {
    Random random(seed);
    const Json schema = test::random_schema(random);
    const auto grammar = Grammar::compile(GrammarExpression::json_schema(schema), vocabulary);
    if (const auto text = walk(grammar, random)) {
      const Json value = Json::parse(*text, nullptr, false);
      ASSERT_FALSE(value.is_discarded()) << *text << "\n" << schema.dump();
      EXPECT_TRUE(test::satisfies(schema, schema, value)) << *text << "\n" << schema.dump();
    }
    const Json value = test::random_value(schema, schema, random);
    if (!test::satisfies(schema, schema, value)) continue;
    const std::string text = test::written(value, random);
    GrammarMatcher matcher(grammar);
    for (const Token token : tokenizer->encode(text)) {
      ASSERT_TRUE(test::is_allowed(matcher.allowed(), token)) << tokenizer->piece(token) << " in " << text;
      matcher.accept(token);
    }
    EXPECT_TRUE(matcher.may_end()) << text;
    for (const Token token : tokenizer->end_tokens()) EXPECT_TRUE(test::is_allowed(matcher.allowed(), token));
  }
}

INSTANTIATE_TEST_SUITE_P(Models, RealVocabulary, testing::Values("smollm2-135m", "gemma3-270m"));

}  // namespace
}  // namespace loam
