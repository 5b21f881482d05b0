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
  // Appends the ids of a word that is not empty. `special`: control tokens that the model has count as others do.
  virtual void encode(std::string_view word, bool special, std::vector<Token>& out) const = 0;
};

// By settings.type(): BPE, Unigram, WordPiece or WordLevel. `spells_bytes`: words are bytes, which BPE's tokens spell
// as characters. Reads merges and scores under GGUF's keys, and kExactTokenScores. The vocabulary must outlive it.
// Error(model_invalid) for merges of texts that are no tokens, and for settings that the vocabulary contradicts.
std::unique_ptr<WordModel> make_word_model(const Settings& settings, const Metadata& metadata,
                                           const Vocabulary& vocabulary, bool spells_bytes);

// One for each kind.
std::unique_ptr<WordModel> make_bpe(const Settings& settings, const Metadata& metadata, const Vocabulary& vocabulary,
                                    bool spells_bytes);
std::unique_ptr<WordModel> make_unigram(const Settings& settings, const Metadata& metadata,
                                        const Vocabulary& vocabulary);

}  // namespace loam::hf
