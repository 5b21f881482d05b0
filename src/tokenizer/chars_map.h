// SentencePiece's precompiled normalisation (usually NFKC): a trie of what is replaced, and the replacements.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "file/metadata.h"

namespace loam {

class CharsMap {
 public:
  // From `tokenizer.ggml.precompiled_charsmap`; without it, nothing is replaced. Throws Error(model_invalid).
  explicit CharsMap(const Metadata& metadata);
  // From the bytes of such a map, as tokenizer.json files have them.
  explicit CharsMap(std::string_view bytes);

  // Appends the normal form of what stands at text[i] and returns how many bytes that was, ≥1. Invalid bytes become
  // U+FFFD.
  size_t normalize(std::string_view text, size_t i, std::string& out) const;

  // What replaces the shortest beginning of `text` that is replaced at all.
  std::optional<std::string_view> first_match(std::string_view text) const;

 private:
  void read(std::string_view bytes, const std::function<Error(const std::string&)>& fault);

  struct Match {
    size_t length = 0;  // of what is replaced; 0 where nothing is
    std::string_view replacement;
  };

  Match longest_match(std::string_view text, size_t i) const;
  // Calls `found` with each match that begins at text[i], the shortest first, until it returns false.
  template <class Found>
  void find_matches(std::string_view text, size_t i, Found&& found) const;
  std::string_view replacement_at(uint32_t offset) const;

  // Darts' double array (Yata's XOR form, https://github.com/s-yata/darts-clone): for a unit, bits 0 to 7 and 31 are
  // its label, bit 8 tells that it has a value, bits 9 to 30 give the offset of its children; for a value, bits 0
  // to 30.
  std::vector<uint32_t> units_;
  std::string replacements_;  // each ends with a NUL
};

}  // namespace loam
