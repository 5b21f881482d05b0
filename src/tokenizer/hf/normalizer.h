// The normaliser of a tokenizer.json: rewrites a text before it is cut into words.
#pragma once

#include <memory>
#include <string>

#include "tokenizer/hf/settings.h"

namespace loam::hf {

class Normalizer {
 public:
  virtual ~Normalizer() = default;
  // `text` is valid UTF-8, and stays so. Returns whether what became of its first character still begins it: false
  // where that was removed.
  virtual bool apply(std::string& text) const = 0;
};

// NFC, NFD, NFKC, NFKD, Nmt, Lowercase, StripAccents, Strip, Replace, Prepend, Precompiled, BertNormalizer, ByteLevel
// and Sequence. nullptr where the file has none; Error(unsupported) for others.
std::unique_ptr<Normalizer> make_normalizer(const Settings& settings);

}  // namespace loam::hf
