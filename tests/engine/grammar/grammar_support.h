// A small vocabulary, and what tests ask of grammars with it.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "engine/grammar/grammar.h"
#include "engine/grammar/grammar_matcher.h"

namespace loam::test {

// Token 0 ends a text, 1 to 256 are the bytes, and some longer pieces follow: what vocabularies have of JSON's marks,
// words, repeated characters and beginnings of UTF-8 sequences.
inline constexpr Token kEndToken = 0;
inline Token byte_token(char byte) { return 1 + static_cast<unsigned char>(byte); }
const std::shared_ptr<const GrammarVocabulary>& small_vocabulary();

std::shared_ptr<const Grammar> compile(const GrammarExpression& expression);
std::shared_ptr<const Grammar> schema(std::string_view text);

bool is_allowed(std::span<const uint64_t> mask, Token token);
std::vector<Token> allowed_tokens(GrammarMatcher& matcher);

// Whether the text is accepted byte by byte: each allowed by the mask, and at the end the end token.
bool accepts(const std::shared_ptr<const Grammar>& grammar, std::string_view text);
// The bytes of the text that are allowed, one after the other.
size_t accepted_prefix(const std::shared_ptr<const Grammar>& grammar, std::string_view text);

// The Error(grammar_error) that compiling throws; fails the test where it throws none.
Error grammar_error(const GrammarExpression& expression);

// A text that the masks allow, tokens drawn at random and the end taken with a probability of 1/4 where it can be;
// nothing where it is not complete after `most` tokens.
std::optional<std::string> random_text(const std::shared_ptr<const Grammar>& grammar, uint64_t seed, int most = 400);

// Fails the test where the mask of a token differs from what its bytes, one by one, allow.
void check_mask(const std::shared_ptr<const Grammar>& grammar, std::string_view after);

}  // namespace loam::test
