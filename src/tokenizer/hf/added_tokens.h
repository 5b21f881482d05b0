// The tokens of a tokenizer.json that are found in a text before it is cut into words.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tokenizer/byte_trie.h"
#include "tokenizer/hf/normalizer.h"
#include "tokenizer/hf/settings.h"
#include "tokenizer/vocabulary.h"

namespace loam::hf {

// A token, or text between two of them.
struct Part {
  std::string_view text;
  Token token = -1;
};

class AddedTokens {
 public:
  // Of `settings`' array "added_tokens". Tokens that the vocabulary has not got are left out: the model has no row for
  // them. `normalizer` may be nullptr.
  AddedTokens(const Settings& settings, const Vocabulary& vocabulary, const Normalizer* normalizer);

  // Those that stand in the text as it was written, and those that stand in the normalised text. `special`: control
  // tokens count, too.
  std::vector<Part> split_written(std::string_view text, bool special) const { return split(written_, text, special); }
  std::vector<Part> split_normalized(std::string_view text, bool special) const {
    return split(normalized_, text, special);
  }

 private:
  struct Flags {
    bool special = false, single_word = false, strip_left = false, strip_right = false;
  };
  struct Set {
    ByteTrie trie;
    std::array<bool, 256> starts{};
    bool empty = true;
  };
  struct Match {
    Token token = -1;
    size_t end = 0;
  };

  static void insert(Set& set, std::string_view text, Token token);
  static Match longest_at(const Set& set, std::string_view text, size_t begin);
  static bool stands_alone(std::string_view text, size_t begin, size_t end);
  std::vector<Part> split(const Set& set, std::string_view text, bool special) const;

  Set written_, normalized_;
  std::unordered_map<Token, Flags> flags_;
};

}  // namespace loam::hf
