// The pre-tokeniser of a tokenizer.json: cuts a text into the words that the model sees.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "tokenizer/hf/settings.h"

namespace loam::hf {

// A part of the text, which lasts as long as the call that gets it.
struct Piece {
  std::string_view text;
  bool first = false;  // begins where the whole text does
};
using PieceSink = std::function<void(const Piece&)>;

class PreTokenizerStep {
 public:
  virtual ~PreTokenizerStep() = default;
  // Calls `sink` with each word in order; none is empty.
  virtual void cut(const Piece& piece, const PieceSink& sink) const = 0;
};

struct PreTokenizerParts {
  std::unique_ptr<PreTokenizerStep> step;  // nullptr where the whole text is one word
  // The last step spells bytes as characters, which is left to the model: words are bytes as they stand.
  bool spells_bytes = false;
};

// ByteLevel, Split, Digits, Whitespace, WhitespaceSplit, Punctuation, Metaspace, BertPreTokenizer, UnicodeScripts,
// CharDelimiterSplit, FixedLength and Sequence. Error(unsupported) for others, and for bytes that are spelled before
// the last step.
PreTokenizerParts make_pre_tokenizer(const Settings& settings);

}  // namespace loam::hf
