// SentencePiece's byte-pair model ("llama"): characters merge by the scores of the tokens that they become.
// Kudo and Richardson 2018, arXiv:1808.06226.
#pragma once

#include <bitset>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/merger.h"
#include "tokenizer/vocabulary_tokenizer.h"

namespace loam {

class SpmTokenizer final : public VocabularyTokenizer {
 public:
  explicit SpmTokenizer(const Metadata& metadata);

  std::string_view kind() const override { return "spm"; }
  std::string_view pre() const override { return "default"; }

 private:
  struct Rule;

  void encode_text(std::string_view text, bool at_start, std::vector<Token>& out) const override;
  void append_text(Token token, std::string& out) const override;
  bool adds_space_prefix() const override { return space_prefix_; }
  void index_spaced_tokens();
  void find_inside_pairs();
  bool may_merge(Token token) const;
  Token find_plain(std::string_view plain) const;
  size_t end_of_chunk(std::string_view text, size_t begin) const;

  bool space_prefix_;
  TextIndex spaced_;               // plain texts of the tokens that have a space
  std::vector<uint32_t> ranks_;    // of each token: the higher its score, the lower
  std::vector<uint16_t> lengths_;  // of each token in bytes of plain text; then 1, 2, 3, 4 for unknown characters
  size_t max_length_ = 1;
  std::bitset<65536> inside_;  // first << 8 | second: adjacent bytes that occur inside some token
};

}  // namespace loam
