#include "engine/grammar/triggers.h"

#include <array>
#include <deque>
#include <vector>

#include "base/error.h"

namespace loam {
namespace {

constexpr int32_t kNone = -1;

// A state is the longest end of the text so far with which a trigger begins.
struct AhoCorasick {
  std::vector<std::array<int32_t, 256>> next;
  std::vector<bool> triggered;

  explicit AhoCorasick(std::span<const std::string> triggers) {
    add_state();
    for (const std::string& trigger : triggers) add(trigger);
    complete();
  }

  int32_t add_state() {
    next.emplace_back().fill(kNone);
    triggered.push_back(false);
    return static_cast<int32_t>(next.size()) - 1;
  }

  void add(const std::string& trigger) {
    if (trigger.empty()) throw Error(Error::Code::grammar_error, "a trigger string is empty");
    int32_t state = 0;
    for (const char c : trigger) {
      const auto byte = static_cast<uint8_t>(c);
      int32_t to = next[static_cast<size_t>(state)][byte];
      if (to == kNone) {
        to = add_state();
        next[static_cast<size_t>(state)][byte] = to;
      }
      state = to;
    }
    triggered[static_cast<size_t>(state)] = true;
  }

  // Breadth first: where the trie does not go on, the state of the longest end that does.
  void complete() {
    std::vector<int32_t> fallback(next.size(), 0);
    std::deque<int32_t> open{0};
    while (!open.empty()) {
      const auto state = static_cast<size_t>(open.front());
      open.pop_front();
      const auto behind = static_cast<size_t>(fallback[state]);
      if (triggered[behind]) triggered[state] = true;
      for (size_t byte = 0; byte < 256; ++byte) {
        const int32_t other = state == 0 ? 0 : next[behind][byte];
        if (next[state][byte] == kNone) {
          next[state][byte] = other;
        } else {
          fallback[static_cast<size_t>(next[state][byte])] = state == 0 ? 0 : other;
          open.push_back(next[state][byte]);
        }
      }
    }
  }
};

ByteDfa text_dfa(std::span<const std::string> triggers, bool until) {
  const AhoCorasick automaton(triggers);
  std::vector<ByteDfa::State> states(automaton.next.size());
  for (size_t i = 0; i < states.size(); ++i) {
    states[i].accepting = automaton.triggered[i] == until;
    if (automaton.triggered[i]) continue;
    for (int byte = 0; byte < 256; ++byte) {
      const int32_t to = automaton.next[i][static_cast<size_t>(byte)];
      auto& edges = states[i].edges;
      if (!until && automaton.triggered[static_cast<size_t>(to)]) continue;
      if (!edges.empty() && edges.back().to == to && edges.back().last + 1 == byte) {
        edges.back().last = static_cast<uint8_t>(byte);
      } else {
        edges.push_back({static_cast<uint8_t>(byte), static_cast<uint8_t>(byte), to});
      }
    }
  }
  return ByteDfa(std::move(states));
}

}  // namespace

ByteDfa text_until_dfa(std::span<const std::string> triggers) { return text_dfa(triggers, true); }

ByteDfa text_without_dfa(std::span<const std::string> triggers) { return text_dfa(triggers, false); }

}  // namespace loam
