// WordPiece ("bert"): words are cut into the longest tokens from the left. Devlin et al. 2018, arXiv:1810.04805.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/unicode.h"
#include "tokenizer/vocabulary_tokenizer.h"

namespace loam {

class WordPieceTokenizer final : public VocabularyTokenizer {
 public:
  explicit WordPieceTokenizer(const Metadata& metadata);

  std::string_view kind() const override { return "wordpiece"; }
  std::string_view pre() const override { return "default"; }
  bool adds_bos() const override { return bos() >= 0; }  // [CLS] and [SEP], whatever the flags say
  bool adds_eos() const override { return closing() >= 0; }

 private:
  void encode_text(std::string_view text, bool at_start, std::vector<Token>& out) const override;
  void append_text(Token token, std::string& out) const override;
  bool adds_space_prefix() const override { return true; }
  Token closing() const override { return vocabulary_.separator; }

  std::vector<char32_t> normalize(char32_t value) const;
  void encode_word(std::string_view word, std::vector<Token>& out) const;
  Token longest_prefix(std::string_view word, bool first, size_t& length) const;

  bool lowercase_, strip_accents_;
  // How stored texts mark the first token of a word, and the others: "▁" and "", or "" and "##".
  std::string_view first_mark_, next_mark_;
  size_t max_token_bytes_ = 0;
};

}  // namespace loam
