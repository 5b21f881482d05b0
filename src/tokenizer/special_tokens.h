// Finds the tokens that are matched whole in a text, before any other tokenisation.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "tokenizer/byte_trie.h"
#include "tokenizer/vocabulary.h"

namespace loam {

// A stretch of a text: a special token, or ordinary text where `token` is -1.
struct Fragment {
  std::string_view text;
  Token token = -1;
};

class SpecialTokens {
 public:
  SpecialTokens(const Metadata& metadata, const Vocabulary& vocabulary);

  // User-defined tokens are always found, control and unknown tokens only with `control`. Leftmost first, the longest
  // of those that start at one place: as Hugging Face's tokenizers do. Linear: each place looks ahead no further
  // than the longest special token.
  std::vector<Fragment> split(std::string_view text, bool control) const;

 private:
  struct Match {
    Token token = -1;
    size_t length = 0;
  };

  Match longest_at(std::string_view text, size_t begin, bool control) const;

  const Vocabulary& vocabulary_;
  ByteTrie trie_;
  std::array<bool, 256> starts_{};  // bytes that some token starts with
  std::vector<Token> strip_left_;   // tokens that swallow the white space before them, ascending
  std::vector<Token> strip_right_;  // … and after them
};

}  // namespace loam
