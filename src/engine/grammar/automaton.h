// A grammar as an automaton over bytes whose edges may also call rules: what texts are matched with.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/grammar/rules.h"

namespace loam {

struct GrammarEdge {
  enum class Kind : uint8_t {
    byte,     // first…last
    token,    // the special token `value`
    epsilon,  // nothing
    call,     // the text of rule `value`
    repeat,   // the text of repetition `value`, after which its own `to` holds
  };
  Kind kind;
  uint8_t first = 0, last = 0;
  int32_t value = 0;
  int32_t to = 0;
};

// States of all rules, numbered through. From each state on its path a text can be brought to an end, and no rule calls
// itself before its first byte.
class GrammarAutomaton {
 public:
  struct Rule {
    std::string name;
    int32_t start = 0, end = 0;
    int32_t rank = 0;  // a rule that begins with a call of another has a lower rank
    bool shared_masks = false;
  };
  // The text of `rule`, counted from min to max times, and then state `to`.
  struct Repeat {
    RuleId rule;
    int32_t min, max, to;  // max: INT32_MAX where there is none
  };

  // Error(grammar_error) for left recursion, for a grammar that no text satisfies, and beyond the limits.
  GrammarAutomaton(const GrammarRules& rules, RuleId root);

  int32_t start() const { return rules_[static_cast<size_t>(root_)].start; }
  std::span<const GrammarEdge> edges(int32_t state) const {
    const auto i = static_cast<size_t>(state);
    return {edges_.data() + edge_begin_[i], edges_.data() + edge_begin_[i + 1]};
  }
  bool is_final(int32_t state) const { return flags_[static_cast<size_t>(state)] & kFinal; }
  // Nothing but the end of its rule can follow.
  bool is_tail(int32_t state) const { return flags_[static_cast<size_t>(state)] & kTail; }
  // The end of its rule can follow at once.
  bool may_end(int32_t state) const { return flags_[static_cast<size_t>(state)] & kMayEnd; }
  bool shares_masks(int32_t state) const { return flags_[static_cast<size_t>(state)] & kShared; }

  const Rule& rule(RuleId rule) const { return rules_[static_cast<size_t>(rule)]; }
  RuleId rule_of_rank(int32_t rank) const { return rule_of_rank_[static_cast<size_t>(rank)]; }
  const Repeat& repeat(int32_t i) const { return repeats_[static_cast<size_t>(i)]; }
  int n_states() const { return static_cast<int>(flags_.size()); }
  size_t bytes() const { return edges_.size() * sizeof(GrammarEdge) + flags_.size() * 5 + rules_.size() * 96; }

  // Bytes that no edge tells apart are one symbol; after them every special token is one.
  int n_symbols() const { return n_byte_symbols_ + static_cast<int>(tokens_.size()); }
  const std::array<uint8_t, 256>& symbol_of_byte() const { return symbol_of_byte_; }
  uint8_t byte_of_symbol(int symbol) const { return byte_of_symbol_[static_cast<size_t>(symbol)]; }
  bool is_byte_symbol(int symbol) const { return symbol < n_byte_symbols_; }
  Token token_of_symbol(int symbol) const { return tokens_[static_cast<size_t>(symbol - n_byte_symbols_)]; }
  int symbol_of_token(Token token) const;  // -1 where the grammar does not name it
  const std::vector<Token>& tokens() const { return tokens_; }

 private:
  static constexpr uint8_t kFinal = 1, kTail = 2, kShared = 4, kMayEnd = 8;

  void add_empty_passages(const std::vector<bool>& nullable, std::vector<std::vector<GrammarEdge>>& edges);
  void remove_dead_ends(const std::vector<bool>& productive, std::vector<std::vector<GrammarEdge>>& edges);
  void rank_rules(const std::vector<std::vector<GrammarEdge>>& edges);
  void pack(const std::vector<std::vector<GrammarEdge>>& edges);
  void find_symbols();
  void find_tails();

  RuleId root_;
  std::vector<Rule> rules_;
  std::vector<RuleId> rule_of_rank_;
  std::vector<Repeat> repeats_;
  std::vector<GrammarEdge> edges_;
  std::vector<uint32_t> edge_begin_;  // [n_states + 1]
  std::vector<uint8_t> flags_;        // [n_states]
  std::array<uint8_t, 256> symbol_of_byte_{}, byte_of_symbol_{};
  int n_byte_symbols_ = 0;
  std::vector<Token> tokens_;  // ascending
};

}  // namespace loam
