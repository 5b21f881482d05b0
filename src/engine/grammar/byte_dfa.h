// A deterministic automaton over bytes: what expressions become where they must be intersected or subtracted.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace loam {

class ByteDfa {
 public:
  struct Edge {
    uint8_t first, last;
    int32_t to;
  };
  struct State {
    std::vector<Edge> edges;  // ascending, disjoint
    bool accepting = false;
  };

  ByteDfa() : states_(1) {}
  explicit ByteDfa(std::vector<State> states) : states_(std::move(states)) {}
  // The texts themselves, as a trie.
  static ByteDfa of(std::span<const std::string> texts);

  const std::vector<State>& states() const { return states_; }  // the first is the start
  bool accepts(std::string_view text) const;
  bool empty() const;  // accepts nothing

  // What both accept; what this one accepts and the other does not. Error(grammar_error) where that needs too many
  // states.
  ByteDfa intersect(const ByteDfa& other) const { return combine(other, false); }
  ByteDfa subtract(const ByteDfa& other) const { return combine(other, true); }

 private:
  ByteDfa combine(const ByteDfa& other, bool subtracted) const;

  std::vector<State> states_;
};

}  // namespace loam
