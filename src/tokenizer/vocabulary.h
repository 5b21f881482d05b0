// A tokenizer's vocabulary: texts, types and special ids of all tokens, checked when read from the metadata.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "file/metadata.h"
#include "tokenizer/text_index.h"
#include "tokenizer/tokenizer.h"

namespace loam {

// `tokenizer.ggml.token_type`; the numbers are the file's.
enum class TokenType : uint8_t { undefined, normal, unknown, control, user_defined, unused, byte };

// Error(model_invalid) at "what@offset of the key's value"; `what` is the word of docs/bad-inputs.md ("length",
// "token").
Error vocabulary_error(const Metadata& metadata, std::string_view what, std::string_view key, std::string_view message);

class Vocabulary {
 public:
  // Ids that hold where the metadata names none; -1 for none. Ids beyond the vocabulary are dropped.
  struct Defaults {
    Token bos = -1, eos = -1, unknown = -1, separator = -1, padding = -1;
    bool add_bos = false, add_eos = false;
  };

  // Keeps views of `metadata`'s texts, which must outlive it. Throws Error(model_invalid).
  Vocabulary(const Metadata& metadata, const Defaults& defaults);

  int size() const { return static_cast<int>(texts_->size()); }
  bool contains(Token token) const { return token >= 0 && token < size(); }
  std::string_view text(Token token) const { return (*texts_)[token]; }
  TokenType type(Token token) const { return types_[token]; }
  // By stored text; -1 where there is none.
  Token find(std::string_view stored) const {
    return index_.find(stored, [&](Token token) { return text(token) == stored; });
  }
  // Makes a later find() of this text faster.
  void prefetch(std::string_view stored) const { index_.prefetch(stored); }
  // The same for what a text spells: never a control token, which text must not become.
  Token find_in_text(std::string_view spelling) const {
    const Token token = find(spelling);
    return token >= 0 && type(token) == TokenType::control ? -1 : token;
  }
  // The token <0xHH> of a byte, or -1.
  Token byte_token(unsigned char byte) const { return byte_tokens_[byte]; }
  // The byte of a token of type byte.
  unsigned char byte_of(Token token) const;
  bool is_end(Token token) const;
  // Adds what a token stands for, control tokens only where `special`; false for normal tokens, whose texts each kind
  // of tokenizer spells in its own way.
  bool append_unless_normal(Token token, bool special, std::string& out) const;

  Token bos = -1, eos = -1, unknown = -1, separator = -1, padding = -1;
  bool add_bos = false, add_eos = false;
  std::vector<Token> end_tokens;  // ascending

 private:
  void read_texts(const Metadata& metadata);
  void read_types(const Metadata& metadata);
  void read_special_ids(const Metadata& metadata, const Defaults& defaults);
  void find_end_tokens(const Metadata& metadata);
  void find_byte_tokens(const Metadata& metadata);

  const std::vector<std::string_view>* texts_ = nullptr;
  std::vector<TokenType> types_;
  TextIndex index_;
  std::array<Token, 256> byte_tokens_{};
};

// One number for each token (higher merges first), from `tokenizer.ggml.scores`. Throws Error(model_invalid).
std::vector<float> read_scores(const Metadata& metadata, int n_vocab);

}  // namespace loam
