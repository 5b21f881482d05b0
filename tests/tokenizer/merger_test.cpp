// Both mergers against the definition: again and again the leftmost pair of the lowest rank.
#include "tokenizer/merger.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <string>

namespace loam {
namespace {

// A vocabulary of random words over few letters; the rank of a pair is that of the joined text, and several share one.
struct RandomRule {
  std::vector<std::string> tokens;
  std::map<std::string, Token, std::less<>> ids;
  std::vector<uint32_t> ranks;

  RandomRule(std::mt19937& random, int letters, int n_ranks) {
    for (int i = 0; i < letters; ++i) add(std::string(1, static_cast<char>('a' + i)), 0);
    for (int i = 0; i < 40; ++i) {
      const std::string joined = tokens[random() % tokens.size()] + tokens[random() % tokens.size()];
      if (joined.size() <= 12) add(joined, random() % n_ranks);
    }
  }
  void add(const std::string& text, uint32_t rank) {
    if (!ids.emplace(text, static_cast<Token>(tokens.size())).second) return;
    tokens.push_back(text);
    ranks.push_back(rank);
  }
  Token symbol(std::string_view text, size_t i) const { return ids.find(text.substr(i, 1))->second; }
  uint32_t length(Token symbol) const { return static_cast<uint32_t>(tokens[symbol].size()); }
  Merge merge(Token left, Token right, std::string_view both) const {
    EXPECT_EQ(tokens[left] + tokens[right], both);
    const auto found = ids.find(both);
    return found == ids.end() ? Merge{} : Merge{ranks[found->second], found->second};
  }
};

std::vector<Token> by_definition(const RandomRule& rule, const std::string& text) {
  std::vector<Token> symbols;
  for (size_t i = 0; i < text.size(); ++i) symbols.push_back(rule.symbol(text, i));
  for (;;) {
    Merge best;
    size_t at = 0;
    for (size_t i = 0; i + 1 < symbols.size(); ++i) {
      const Merge merge = rule.merge(symbols[i], symbols[i + 1], rule.tokens[symbols[i]] + rule.tokens[symbols[i + 1]]);
      if (merge.rank < best.rank) best = merge, at = i;
    }
    if (best.rank == Merge::kNever) return symbols;
    symbols[at] = best.token;
    symbols.erase(symbols.begin() + static_cast<std::ptrdiff_t>(at) + 1);
  }
}

template <template <class, class> class Merger>
std::vector<Token> run(const RandomRule& rule, const std::string& text) {
  std::vector<Token> out;
  std::string rest;
  auto emit = [&](Token symbol, std::string_view piece) {
    out.push_back(symbol);
    rest += piece;
  };
  Merger<RandomRule, decltype(emit)>(rule, text).run(emit);
  EXPECT_EQ(rest, text);
  return out;
}

TEST(Merger, BothAgreeWithTheDefinition) {
  std::mt19937 random(7);
  for (int round = 0; round < 300; ++round) {
    const int letters = 1 + static_cast<int>(random() % 4);
    const RandomRule rule(random, letters, 1 + static_cast<int>(random() % 60));
    std::string text(1 + random() % 120, ' ');
    for (char& c : text) c = static_cast<char>('a' + random() % letters);
    const std::vector<Token> expected = by_definition(rule, text);
    ASSERT_EQ(run<ShortMerger>(rule, text), expected) << text;
    ASSERT_EQ(run<LongMerger>(rule, text), expected) << text;
  }
}

TEST(Merger, TheLongestShortTextAndTheShortestLongOneWork) {
  std::mt19937 random(8);
  const RandomRule rule(random, 2, 20);
  for (const size_t size : {size_t{256}, size_t{257}}) {
    std::string text(size, 'a');
    for (size_t i = 0; i < size; i += 3) text[i] = 'b';
    std::vector<Token> out;
    merge_pairs(rule, text, [&](Token symbol, std::string_view) { out.push_back(symbol); });
    EXPECT_EQ(out, by_definition(rule, text));
  }
}

}  // namespace
}  // namespace loam
