// SentencePiece's precompiled normalisation (usually NFKC): a trie of what is replaced, and the replacements.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "file/metadata.h"

namespace loam {

class CharsMap {
 public:
  // From `tokenizer.ggml.precompiled_charsmap`; without it, nothing is replaced. Throws Error(model_invalid).
  explicit CharsMap(const Metadata& metadata);

  // Appends the normal form of what stands at text[i] and returns how many bytes that was, ≥1. Invalid bytes become
  // U+FFFD.
  size_t normalize(std::string_view text, size_t i, std::string& out) const;

 private:
  struct Match {
    size_t length = 0;  // of what is replaced; 0 where nothing is
    std::string_view replacement;
  };

  Match longest_match(std::string_view text, size_t i) const;
  std::string_view replacement_at(uint32_t offset) const;

  // Darts' double array (Yata's XOR form, https://github.com/s-yata/darts-clone): for a unit, bits 0 to 7 and 31 are
  // its label, bit 8 tells that it has a value, bits 9 to 30 give the offset of its children; for a value, bits 0
  // to 30.
  std::vector<uint32_t> units_;
  std::string replacements_;  // each ends with a NUL
};

}  // namespace loam
