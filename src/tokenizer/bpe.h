// Byte-pair encoding ("gpt2"): pre-tokenised words, merged by a list of pairs.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/flat_map.h"
#include "tokenizer/merger.h"
#include "tokenizer/pre_tokenizer.h"
#include "tokenizer/vocabulary_tokenizer.h"

namespace loam {

// The merges of a vocabulary: (left id, right id) → (rank, id of both joined).
class MergeTable {
 public:
  // From `tokenizer.ggml.merges`. Throws Error(model_invalid) where a merge has no two parts, or a part or their
  // joint text is no token.
  MergeTable(const Metadata& metadata, const Vocabulary& vocabulary);

  Merge find(Token left, Token right) const {
    const Merge* merge = merges_.find(uint64_t{static_cast<uint32_t>(left)} << 32 | static_cast<uint32_t>(right));
    return merge ? *merge : Merge{};
  }

 private:
  FlatMap<Merge> merges_;
};

class BpeTokenizer final : public VocabularyTokenizer {
 public:
  BpeTokenizer(const Metadata& metadata, const PreTokenizerInfo& pre);

  std::string_view kind() const override { return "bpe"; }
  std::string_view pre() const override { return pre_.name(); }

 private:
  struct Rule;

  void encode_text(std::string_view text, bool at_start, std::vector<Token>& out) const override;
  void encode_word(std::string_view word, std::vector<Token>& out) const;
  void append_text(Token token, std::string& out) const override;
  bool adds_space_prefix() const override { return false; }
  Token find_word(std::string_view word) const;

  PreTokenizer pre_;
  bool byte_level_;  // tokens spell bytes; otherwise they are UTF-8 with ▁ for spaces
  bool whole_words_first_;
  MergeTable merges_;
  std::vector<uint16_t> lengths_;          // of each token in bytes of text; then 1, 2, 3, 4 for unknown characters
  std::array<Token, 256> byte_symbols_{};  // token of each single byte
};

}  // namespace loam
