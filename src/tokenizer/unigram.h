// SentencePiece's unigram model ("t5"): the segmentation of the highest total score. Kudo 2018, arXiv:1804.10959.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/byte_trie.h"
#include "tokenizer/chars_map.h"
#include "tokenizer/vocabulary_tokenizer.h"

namespace loam {

class UnigramTokenizer final : public VocabularyTokenizer {
 public:
  explicit UnigramTokenizer(const Metadata& metadata);

  std::string_view kind() const override { return "unigram"; }
  std::string_view pre() const override { return "default"; }

 private:
  // The best way to reach a place of the text: its last token, and where that starts.
  struct Step {
    double score;
    Token token;
    uint32_t begin;
  };

  void encode_text(std::string_view text, bool at_start, std::vector<Token>& out) const override;
  void append_text(Token token, std::string& out) const override;
  bool adds_space_prefix() const override { return space_prefix_ || merge_spaces_; }

  std::string normalize(std::string_view text) const;
  void extend(std::string_view text, size_t begin, std::vector<Step>& steps) const;

  bool space_prefix_, merge_spaces_;
  CharsMap chars_map_;
  ByteTrie trie_;
  std::vector<float> scores_;
  double unknown_score_ = 0;
};

}  // namespace loam
