// The model of a tokenizer.json: turns one word into ids.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "file/metadata.h"
#include "tokenizer/hf/settings.h"
#include "tokenizer/vocabulary.h"

namespace loam::hf {

class WordModel {
 public:
  virtual ~WordModel() = default;
  // Appends the ids of a word that is not empty.
  virtual void encode(std::string_view word, std::vector<Token>& out) const = 0;
};

// Whether text may become this token: neither a control token nor a place that no token fills.
inline bool is_word(const Vocabulary& vocabulary, Token token) {
  const TokenType type = vocabulary.type(token);
  return type != TokenType::control && type != TokenType::unused && !vocabulary.text(token).empty();
}
// The token of a word, or -1.
inline Token find_word(const Vocabulary& vocabulary, std::string_view word) {
  const Token token = vocabulary.find(word);
  return token >= 0 && is_word(vocabulary, token) ? token : -1;
}

// By settings.type(): BPE, Unigram, WordPiece or WordLevel. `spells_bytes`: words are bytes, which BPE's tokens spell
// as characters. Reads merges and scores under GGUF's keys. The vocabulary must outlive it. Error(model_invalid) for
// merges of texts that are no tokens, and for settings that the vocabulary contradicts.
std::unique_ptr<WordModel> make_word_model(const Settings& settings, const Metadata& metadata,
                                           const Vocabulary& vocabulary, bool spells_bytes);

// One for each kind.
std::unique_ptr<WordModel> make_bpe(const Settings& settings, const Metadata& metadata, const Vocabulary& vocabulary,
                                    bool spells_bytes);
std::unique_ptr<WordModel> make_unigram(const Settings& settings, const Metadata& metadata,
                                        const Vocabulary& vocabulary);

}  // namespace loam::hf
