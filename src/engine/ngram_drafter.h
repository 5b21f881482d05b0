// NgramDrafter: what followed the last time that the text ended as it ends now (prompt lookup decoding, A. Saxena,
// 2023). Pays where a text repeats itself: edited code, quotations, lists.
#pragma once

#include <unordered_map>

#include "engine/drafter.h"

namespace loam {

class NgramDrafter : public Drafter {
 public:
  std::vector<Token> propose(std::span<const Token> tokens, int n) override;
  double cost() const override { return 0; }

 private:
  void index(std::span<const Token> tokens);
  size_t longest_match() const;

  // A chain for each pair of tokens: `latest_` is the last place where it ends, `earlier_[i]` the one before i.
  std::vector<Token> tokens_;
  std::unordered_map<uint64_t, size_t> latest_;
  std::vector<size_t> earlier_;  // [tokens_.size()]; 0 ends a chain, since no pair ends at 0
};

}  // namespace loam
