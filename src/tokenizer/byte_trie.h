// A trie of byte strings, each with an id: what starts at a place of a text is found without hashing every length.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "tokenizer/flat_map.h"
#include "tokenizer/tokenizer.h"

namespace loam {

class ByteTrie {
 public:
  static constexpr uint32_t kRoot = 0;

  void insert(std::string_view text, Token token) {
    uint32_t node = kRoot;
    for (const char c : text) {
      uint32_t& child = children_[key(node, c)];
      if (!child) {
        child = static_cast<uint32_t>(tokens_.size());
        tokens_.push_back(-1);
      }
      node = child;
    }
    tokens_[node] = token;
  }

  // The node below `node` along `c`; kRoot where there is none.
  uint32_t child(uint32_t node, char c) const {
    const uint32_t* found = children_.find(key(node, c));
    return found ? *found : kRoot;
  }
  // The id of the text that ends at `node`, or -1.
  Token token(uint32_t node) const { return tokens_[node]; }

 private:
  static uint64_t key(uint32_t node, char c) { return uint64_t{node} << 8 | static_cast<unsigned char>(c); }

  FlatMap<uint32_t> children_;
  std::vector<Token> tokens_{-1};  // of each node
};

}  // namespace loam
