// A vocabulary as grammars see it: a trie of the bytes of its tokens.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tokenizer/tokenizer.h"

namespace loam {

// Texts in the order of a depth-first walk: below node i stand nodes i + 1 … skip − 1.
class TokenTrie {
 public:
  struct Node {
    uint32_t skip;        // the next node that is not below this one
    uint32_t tokens_end;  // its tokens are those from the node before it on, see tokens()
    uint16_t depth;       // bytes from the root: 1 for a first byte
    uint8_t byte;
  };
  struct Entry {
    std::string_view text;  // not empty, at most 65,535 bytes
    Token token;
  };

  explicit TokenTrie(std::vector<Entry> entries);

  std::span<const Node> nodes() const { return nodes_; }
  // Those whose text ends at the node: one, or none, or several that are spelled alike.
  std::span<const Token> tokens(uint32_t node) const {
    const uint32_t begin = node ? nodes_[node - 1].tokens_end : 0;
    return {tokens_.data() + begin, tokens_.data() + nodes_[node].tokens_end};
  }
  int depth() const { return depth_; }  // of the deepest node

 private:
  std::vector<Node> nodes_;
  std::vector<Token> tokens_;
  int depth_ = 0;
};

// Immutable, made once for a model and shared by all its grammars. Needs the tokenizer only while it is made.
class GrammarVocabulary {
 public:
  // Tokens of at most this many bytes are in the trie of short tokens, the few others in that of long ones.
  static constexpr size_t kShortBytes = 24;

  explicit GrammarVocabulary(const Tokenizer& tokenizer);
  // Pieces by token; empty for those that text cannot hold, as control tokens.
  GrammarVocabulary(std::vector<std::string> pieces, std::vector<Token> end_tokens);

  int n_vocab() const { return static_cast<int>(begin_.size()) - 1; }
  size_t n_words() const { return (static_cast<size_t>(n_vocab()) + 63) / 64; }  // of a mask
  // The bytes that a token adds to a text; empty for end tokens and control tokens.
  std::string_view piece(Token token) const {
    const auto i = static_cast<size_t>(token);
    return std::string_view(bytes_).substr(begin_[i], begin_[i + 1] - begin_[i]);
  }
  bool is_end(Token token) const;
  // At least one: where the tokenizer has none, a token that adds nothing to the text, else the first.
  const std::vector<Token>& end_tokens() const { return end_tokens_; }

  const TokenTrie& short_tokens() const { return short_tokens_; }
  const TokenTrie& long_tokens() const { return long_tokens_; }

 private:
  std::vector<TokenTrie::Entry> entries(bool is_short) const;

  std::string bytes_;            // of all pieces
  std::vector<uint32_t> begin_;  // [n_vocab + 1] in bytes_
  std::vector<Token> end_tokens_;
  TokenTrie short_tokens_, long_tokens_;
};

}  // namespace loam
