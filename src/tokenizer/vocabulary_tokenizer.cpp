#include "tokenizer/vocabulary_tokenizer.h"

#include <fmt/format.h>

#include <algorithm>

namespace loam {

std::vector<Token> VocabularyTokenizer::encode(std::string_view text, const EncodeOptions& options) const {
  if (text.size() > INT32_MAX) {
    throw Error(Error::Code::invalid,
                fmt::format("text of {} bytes; at most {} can be tokenised at once", text.size(), INT32_MAX), "text");
  }
  std::vector<Token> out;
  if (options.add_special && adds_bos()) out.push_back(bos());
  bool at_start = true;
  for (const Fragment& fragment : special_.split(text, options.special)) {
    if (fragment.token >= 0) {
      out.push_back(fragment.token);
    } else {
      encode_text(fragment.text, at_start, out);
    }
    at_start = fragment.token >= 0;
  }
  if (options.add_special && adds_eos()) out.push_back(closing());
  return out;
}

void VocabularyTokenizer::append_piece(Token token, bool special, std::string& out) const {
  if (!vocabulary_.append_unless_normal(token, special, out)) append_text(token, out);
}

void VocabularyTokenizer::append_unknown(std::string_view character, std::vector<Token>& out) const {
  const auto byte_token = [&](char c) { return vocabulary_.byte_token(static_cast<unsigned char>(c)); };
  if (std::all_of(character.begin(), character.end(), [&](char c) { return byte_token(c) >= 0; })) {
    for (const char c : character) out.push_back(byte_token(c));
  } else if (unknown() >= 0 && !is_control(unknown())) {
    out.push_back(unknown());
  }
}

std::string VocabularyTokenizer::piece(Token token, bool special) const {
  std::string out;
  append_piece(token, special, out);
  return out;
}

std::string VocabularyTokenizer::decode(const std::vector<Token>& tokens, bool special) const {
  std::string out;
  for (const Token token : tokens) append_piece(token, special, out);
  if (adds_space_prefix() && out.starts_with(' ')) out.erase(0, 1);
  return out;
}

bool VocabularyTokenizer::is_control(Token token) const {
  return vocabulary_.contains(token) && vocabulary_.type(token) == TokenType::control;
}

std::string_view VocabularyTokenizer::text_of(Token token) const {
  return vocabulary_.contains(token) ? vocabulary_.text(token) : std::string_view();
}

}  // namespace loam
