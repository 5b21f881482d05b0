// What all tokenizers that own a vocabulary share: special tokens around the text, ids, and decoding.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/special_tokens.h"
#include "tokenizer/tokenizer.h"
#include "tokenizer/vocabulary.h"

namespace loam {

class VocabularyTokenizer : public Tokenizer {
 public:
  std::vector<Token> encode(std::string_view text, const EncodeOptions& options) const final;
  std::string piece(Token token, bool special) const final;
  std::string decode(const std::vector<Token>& tokens, bool special) const final;

  int n_vocab() const final { return vocabulary_.size(); }
  Token bos() const final { return vocabulary_.bos; }
  Token eos() const final { return vocabulary_.eos; }
  Token unknown() const final { return vocabulary_.unknown; }
  Token padding() const final { return vocabulary_.padding; }
  bool adds_bos() const override { return vocabulary_.add_bos; }
  bool adds_eos() const override { return vocabulary_.add_eos; }
  bool is_end(Token token) const final { return vocabulary_.is_end(token); }
  const std::vector<Token>& end_tokens() const final { return vocabulary_.end_tokens; }
  bool is_control(Token token) const final;
  std::string_view text_of(Token token) const final;
  Token find(std::string_view stored) const final { return vocabulary_.find(stored); }

 protected:
  VocabularyTokenizer(const Metadata& metadata, const Vocabulary::Defaults& defaults)
      : vocabulary_(metadata, defaults), special_(metadata, vocabulary_) {}

  // Appends the ids of text without special tokens; `at_start`: nothing but a special token stands before it.
  virtual void encode_text(std::string_view text, bool at_start, std::vector<Token>& out) const = 0;
  // Appends the bytes that an ordinary token stands for.
  virtual void append_text(Token token, std::string& out) const = 0;
  // Whether decode() drops the first space, as encode() has put it there.
  virtual bool adds_space_prefix() const = 0;
  // The id that ends an encoded text where adds_eos().
  virtual Token closing() const { return vocabulary_.eos; }

  // Appends the byte tokens of a character that the vocabulary lacks; the unknown token where it has none. That one
  // is left out where it is a control token, which text must never become.
  void append_unknown(std::string_view character, std::vector<Token>& out) const;

  const Vocabulary vocabulary_;

 private:
  void append_piece(Token token, bool special, std::string& out) const;

  const SpecialTokens special_;
};

}  // namespace loam
