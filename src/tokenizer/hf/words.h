// Which tokens of a vocabulary a tokenizer.json's model may make of text.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "tokenizer/hf/settings.h"
#include "tokenizer/vocabulary.h"

namespace loam::hf {

class Words {
 public:
  // All but places that no token fills and those that `model` names in "added_only": tokens that are found in a text
  // before the model sees it, and that the model itself has not got. The vocabulary must outlive it.
  Words(const Settings& model, const Vocabulary& vocabulary) : vocabulary_(vocabulary) {
    for (Token token = 0; token < vocabulary.size(); ++token) {
      const TokenType type = vocabulary.type(token);
      const bool filled = type != TokenType::unused && !vocabulary.text(token).empty();
      kinds_.push_back(!filled ? kNone : type == TokenType::control ? kControl : kWord);
    }
    for (const int64_t token : model.counts("added_only")) {
      if (token >= vocabulary.size()) model.fail(fmt::format("has the added token {} of {}", token, kinds_.size()));
      kinds_[static_cast<size_t>(token)] = kNone;
    }
  }

  // Whether a word may become this token. `special`: control tokens count.
  bool has(Token token, bool special) const {
    const Kind kind = kinds_[static_cast<size_t>(token)];
    return kind == kWord || (special && kind == kControl);
  }
  // The token of a word, or -1.
  Token find(std::string_view word, bool special) const {
    const Token token = vocabulary_.find(word);
    return token >= 0 && has(token, special) ? token : -1;
  }

 private:
  enum Kind : uint8_t { kNone, kControl, kWord };

  const Vocabulary& vocabulary_;
  std::vector<Kind> kinds_;
};

}  // namespace loam::hf
