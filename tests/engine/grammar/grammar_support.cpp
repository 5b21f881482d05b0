#include "tests/engine/grammar/grammar_support.h"

namespace loam::test {

const std::shared_ptr<const GrammarVocabulary>& small_vocabulary() {
  static const auto kVocabulary = [] {
    std::vector<std::string> pieces{""};
    for (int byte = 0; byte < 256; ++byte) pieces.push_back(std::string(1, static_cast<char>(byte)));
    for (const char* piece : {"{\"",
                              "\":",
                              "\": ",
                              "\": \"",
                              "\",",
                              "\", \"",
                              "\"}",
                              "\"},",
                              "\"]",
                              "}]",
                              "}}",
                              "]]",
                              "}}}",
                              "[]",
                              "{}",
                              "[[",
                              "[{",
                              "[{\"",
                              "true",
                              "false",
                              "null",
                              "tr",
                              "ue",
                              ", ",
                              ": ",
                              "\n  ",
                              "\n    ",
                              "\n",
                              "  ",
                              "    ",
                              "00",
                              "12",
                              "123",
                              "-1",
                              "0.",
                              ".5",
                              "e+",
                              "the",
                              " the",
                              "name",
                              "\"name\"",
                              "\"name\":",
                              "{\"name\": \"",
                              "ab",
                              "abc",
                              "aa",
                              "aaaa",
                              "aaaaaaaa",
                              "aaaaaaaaaaaaaaaa",
                              "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                              "a\"}",
                              "aaaa\"}",
                              "\\n",
                              "\\u",
                              "\\\"",
                              "00\"",
                              "é",
                              "éé",
                              "\xC3",
                              "\xA9",
                              "漢",
                              "漢字",
                              "\xE6\xBC",
                              "😀",
                              "\xF0\x9F",
                              "\xF0\x9F\x98",
                              "\x80",
                              "2024",
                              "-01",
                              "<tool_call>",
                              "</tool_call>",
                              "tool",
                              "user",
                              "@",
                              ".com",
                              " \"",
                              "\t",
                              "\t\t",
                              "{ ",
                              " }",
                              "                                        "}) {
      pieces.push_back(piece);
    }
    return std::make_shared<const GrammarVocabulary>(std::move(pieces), std::vector<Token>{kEndToken});
  }();
  return kVocabulary;
}

std::shared_ptr<const Grammar> compile(const GrammarExpression& expression) {
  return Grammar::compile(expression, small_vocabulary());
}

std::shared_ptr<const Grammar> schema(std::string_view text) {
  return compile(GrammarExpression::json_schema_text(text));
}

bool is_allowed(std::span<const uint64_t> mask, Token token) {
  return mask[static_cast<size_t>(token) / 64] >> (token % 64) & 1;
}

std::vector<Token> allowed_tokens(GrammarMatcher& matcher) {
  const auto mask = matcher.allowed();
  std::vector<Token> tokens;
  for (Token token = 0; token < static_cast<Token>(mask.size()) * 64; ++token) {
    if (is_allowed(mask, token)) tokens.push_back(token);
  }
  return tokens;
}

size_t accepted_prefix(const std::shared_ptr<const Grammar>& grammar, std::string_view text) {
  GrammarMatcher matcher(grammar);
  for (size_t i = 0; i < text.size(); ++i) {
    if (!is_allowed(matcher.allowed(), byte_token(text[i]))) return i;
    matcher.accept(byte_token(text[i]));
  }
  return text.size();
}

bool accepts(const std::shared_ptr<const Grammar>& grammar, std::string_view text) {
  GrammarMatcher matcher(grammar);
  for (const char byte : text) {
    if (!is_allowed(matcher.allowed(), byte_token(byte))) return false;
    matcher.accept(byte_token(byte));
  }
  EXPECT_EQ(matcher.may_end(), is_allowed(matcher.allowed(), kEndToken)) << text;
  return matcher.may_end();
}

Error grammar_error(const GrammarExpression& expression) {
  try {
    compile(expression);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), Error::Code::grammar_error) << error.what();
    return error;
  }
  ADD_FAILURE() << "no error";
  return Error(Error::Code::grammar_error, "none");
}

std::optional<std::string> random_text(const std::shared_ptr<const Grammar>& grammar, uint64_t seed, int most) {
  uint64_t state = seed * 0x9E3779B97F4A7C15u + 1;
  const auto draw = [&](size_t n) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return static_cast<size_t>(state >> 33) % n;
  };
  GrammarMatcher matcher(grammar);
  std::string text;
  for (int i = 0; i < most; ++i) {
    const std::vector<Token> tokens = allowed_tokens(matcher);
    if (matcher.may_end() && (tokens.size() == 1 || draw(4) == 0)) return text;
    const Token token = tokens[draw(tokens.size())];
    if (token == kEndToken) {
      EXPECT_TRUE(matcher.may_end()) << text;
      return text;
    }
    text += small_vocabulary()->piece(token);
    matcher.accept(token);
  }
  return std::nullopt;
}

void check_mask(const std::shared_ptr<const Grammar>& grammar, std::string_view after) {
  const auto advance = [](GrammarMatcher& matcher, std::string_view text) {
    for (const char byte : text) {
      if (!is_allowed(matcher.allowed(), byte_token(byte))) return false;
      matcher.accept(byte_token(byte));
    }
    return true;
  };
  GrammarMatcher matcher(grammar);
  ASSERT_TRUE(advance(matcher, after)) << after;
  const auto allowed = matcher.allowed();
  const std::vector<uint64_t> mask(allowed.begin(), allowed.end());
  for (Token token = 1; token < small_vocabulary()->n_vocab(); ++token) {
    GrammarMatcher one(grammar);
    advance(one, after);
    const bool expected = advance(one, small_vocabulary()->piece(token));
    EXPECT_EQ(is_allowed(mask, token), expected) << after << " then " << small_vocabulary()->piece(token);
  }
}

}  // namespace loam::test
