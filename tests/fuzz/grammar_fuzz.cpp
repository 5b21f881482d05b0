// Any schema, grammar or expression: an Error, or masks that lead to valid texts, within its budget. The input is a
// letter for the notation (s, g, r or c), its text, a NUL, and bytes that choose among the tokens allowed.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "engine/grammar/grammar.h"
#include "engine/grammar/grammar_matcher.h"

namespace {

using loam::GrammarExpression;
using loam::GrammarMatcher;
using loam::Token;

constexpr Token kEnd = 0;

const std::shared_ptr<const loam::GrammarVocabulary>& vocabulary() {
  static const auto kVocabulary = [] {
    std::vector<std::string> pieces{""};
    for (int byte = 0; byte < 256; ++byte) pieces.push_back(std::string(1, static_cast<char>(byte)));
    for (const char* piece : {"{\"",  "\":", "\",",     "\"}",  "}}}}",
                              "]]]]", "[[",  "{\"a\":", "true", "null",
                              "12",   "00",  "aa",      "aaaa", "é",
                              "\xC3", "\\u", "  ",      "\n  ", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}) {
      pieces.push_back(piece);
    }
    return std::make_shared<const loam::GrammarVocabulary>(std::move(pieces), std::vector<Token>{kEnd});
  }();
  return kVocabulary;
}

GrammarExpression expression(char notation, std::string_view text) {
  switch (notation) {
    case 's': return GrammarExpression::json_schema_text(text);
    case 'g': return GrammarExpression::gbnf(text);
    case 'r': return GrammarExpression::regex(text);
    default:
      return GrammarExpression::sequence({GrammarExpression::text_until({"<", std::string(text) + "x"}),
                                          GrammarExpression::repeat(GrammarExpression::regex(text), 1, 3)});
  }
}

// The first allowed token from `from` on, around.
Token choose(std::span<const uint64_t> mask, Token from) {
  const Token n = vocabulary()->n_vocab();
  for (Token i = 0; i < n; ++i) {
    const Token token = (from + i) % n;
    if (mask[static_cast<size_t>(token) / 64] >> (token % 64) & 1) return token;
  }
  LOAM_CHECK(false);
  return kEnd;
}

void walk(GrammarMatcher& matcher, std::string_view choices, bool is_json) {
  std::string text;
  for (const char choice : choices.substr(0, 64)) {
    const Token token = choose(matcher.allowed(), 3 * static_cast<unsigned char>(choice));
    if (token == kEnd) break;
    text += vocabulary()->piece(token);
    matcher.accept(token);
  }
  LOAM_CHECK(!is_json || !matcher.may_end() || nlohmann::json::accept(text));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  const size_t end = std::min(input.find('\0'), input.size());
  const auto notation = static_cast<char>(data[0]);
  try {
    GrammarMatcher matcher(loam::Grammar::compile(expression(notation, input.substr(0, end)), vocabulary()));
    walk(matcher, input.substr(end), notation == 's');
  } catch (const loam::Error& error) {
    LOAM_CHECK(error.code() == loam::Error::Code::grammar_error);
  }
  return 0;
}
