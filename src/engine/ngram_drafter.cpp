#include "engine/ngram_drafter.h"

#include <algorithm>

namespace loam {
namespace {

constexpr size_t kMinMatch = 2, kMaxMatch = 4;  // tokens
constexpr int kMaxLinks = 64;                   // of a chain that are followed: a lookup's time is bounded

// The pair that ends at i ≥ 1.
uint64_t pair_at(const std::vector<Token>& tokens, size_t i) {
  return uint64_t{static_cast<uint32_t>(tokens[i - 1])} << 32 | static_cast<uint32_t>(tokens[i]);
}

// Tokens that stand alike before and at a < b, at most kMaxMatch.
size_t match_length(const std::vector<Token>& tokens, size_t a, size_t b) {
  size_t n = 0;
  while (n < kMaxMatch && n <= a && tokens[a - n] == tokens[b - n]) ++n;
  return n;
}

}  // namespace

// Takes back what the sequence no longer holds, and adds what is new.
void NgramDrafter::index(std::span<const Token> tokens) {
  const auto common = static_cast<size_t>(std::ranges::mismatch(tokens_, tokens).in1 - tokens_.begin());
  for (size_t i = tokens_.size(); i-- > std::max<size_t>(1, common);) latest_[pair_at(tokens_, i)] = earlier_[i];
  tokens_.assign(tokens.begin(), tokens.end());
  earlier_.resize(tokens_.size());
  for (size_t i = std::max<size_t>(1, common); i < tokens_.size(); ++i) {
    size_t& latest = latest_[pair_at(tokens_, i)];
    earlier_[i] = latest;
    latest = i;
  }
}

// → where the longest match of the text's end ends, the latest among equals; 0 where there is none.
size_t NgramDrafter::longest_match() const {
  const size_t last = tokens_.size() - 1;
  size_t best = 0, longest = kMinMatch - 1;
  size_t at = earlier_[last];
  for (int links = 0; at > 0 && links < kMaxLinks && longest < kMaxMatch; ++links, at = earlier_[at]) {
    const size_t length = match_length(tokens_, at, last);
    if (length > longest) best = at, longest = length;
  }
  return best;
}

std::vector<Token> NgramDrafter::propose(std::span<const Token> tokens, int n) {
  index(tokens);
  std::vector<Token> drafted;
  const size_t match = tokens_.empty() ? 0 : longest_match();
  if (match == 0) return drafted;
  // A match that overlaps the end goes round: what was just drafted is what follows it.
  for (size_t at = match + 1; std::ssize(drafted) < n; ++at)
    drafted.push_back(at < tokens_.size() ? tokens_[at] : drafted[at - tokens_.size()]);
  return drafted;
}

}  // namespace loam
