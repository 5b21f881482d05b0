#include "engine/grammar/byte_dfa.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "base/error.h"
#include "engine/grammar/limits.h"

namespace loam {
namespace {

constexpr int32_t kNowhere = -1;

int32_t next_state(const ByteDfa::State& state, uint8_t byte) {
  const auto edge =
      std::partition_point(state.edges.begin(), state.edges.end(), [&](auto& e) { return e.last < byte; });
  return edge != state.edges.end() && edge->first <= byte ? edge->to : kNowhere;
}

void append_edge(std::vector<ByteDfa::Edge>& edges, uint8_t first, uint8_t last, int32_t to) {
  if (!edges.empty() && edges.back().to == to && edges.back().last + 1 == first) {
    edges.back().last = last;
  } else {
    edges.push_back({first, last, to});
  }
}

// States of two automata side by side; the second may have come to an end while the first goes on.
class Product {
 public:
  Product(const std::vector<ByteDfa::State>& left, const std::vector<ByteDfa::State>& right, bool subtracted)
      : left_(left), right_(right), subtracted_(subtracted) {
    number_of(0, 0);
    for (size_t i = 0; i < pairs_.size(); ++i) expand(i);
  }
  std::vector<ByteDfa::State> take() { return std::move(states_); }

 private:
  int32_t number_of(int32_t left, int32_t right) {
    const uint64_t key = static_cast<uint64_t>(left) << 32 | static_cast<uint32_t>(right);
    const auto [at, is_new] = numbers_.try_emplace(key, static_cast<int32_t>(pairs_.size()));
    if (!is_new) return at->second;
    if (pairs_.size() >= grammar_limits::kDfaStates) {
      throw Error(
          Error::Code::grammar_error,
          fmt::format("patterns and lengths together need more than {} states; use shorter lengths or a simpler "
                      "pattern",
                      grammar_limits::kDfaStates));
    }
    pairs_.push_back({left, right});
    const bool in_right = right != kNowhere && right_[static_cast<size_t>(right)].accepting;
    states_.push_back({{}, left_[static_cast<size_t>(left)].accepting && in_right != subtracted_});
    return at->second;
  }

  void expand(size_t i) {
    const auto [left, right] = pairs_[i];
    std::vector<ByteDfa::Edge> edges;
    for (const auto& edge : left_[static_cast<size_t>(left)].edges) {
      for (int byte = edge.first; byte <= edge.last;) {
        const auto [to, last] = right_run(right, byte, edge.last);
        if (to != kNowhere || subtracted_) {
          append_edge(edges, static_cast<uint8_t>(byte), static_cast<uint8_t>(last), number_of(edge.to, to));
        }
        byte = last + 1;
      }
    }
    states_[i].edges = std::move(edges);
  }

  // Where the second automaton goes from `state` with `byte`, and the last byte up to `most` that leads there too.
  std::pair<int32_t, int> right_run(int32_t state, int byte, int most) const {
    if (state == kNowhere) return {kNowhere, most};
    for (const auto& edge : right_[static_cast<size_t>(state)].edges) {
      if (edge.last < byte) continue;
      if (edge.first <= byte) return {edge.to, std::min<int>(edge.last, most)};
      return {kNowhere, std::min<int>(edge.first - 1, most)};
    }
    return {kNowhere, most};
  }

  const std::vector<ByteDfa::State>&left_, &right_;
  bool subtracted_;
  std::unordered_map<uint64_t, int32_t> numbers_;
  std::vector<std::pair<int32_t, int32_t>> pairs_;
  std::vector<ByteDfa::State> states_;
};

}  // namespace

ByteDfa ByteDfa::of(std::span<const std::string> texts) {
  std::vector<std::string_view> sorted(texts.begin(), texts.end());
  std::ranges::sort(sorted);
  std::vector<State> states(1);
  std::vector<int32_t> path;  // states along the text before
  std::string_view before;
  for (const std::string_view text : sorted) {
    size_t i = 0;
    while (i < std::min(before.size(), text.size()) && before[i] == text[i]) ++i;
    path.resize(i);
    for (; i < text.size(); ++i) {
      const int32_t from = i ? path[i - 1] : 0, to = static_cast<int32_t>(states.size());
      const auto byte = static_cast<uint8_t>(text[i]);
      states[static_cast<size_t>(from)].edges.push_back({byte, byte, to});
      states.emplace_back();
      path.push_back(to);
    }
    states[static_cast<size_t>(path.empty() ? 0 : path.back())].accepting = true;
    before = text;
  }
  return ByteDfa(std::move(states));
}

bool ByteDfa::accepts(std::string_view text) const {
  int32_t state = 0;
  for (const char c : text) {
    state = next_state(states_[static_cast<size_t>(state)], static_cast<uint8_t>(c));
    if (state == kNowhere) return false;
  }
  return states_[static_cast<size_t>(state)].accepting;
}

bool ByteDfa::empty() const {
  std::vector<bool> reached(states_.size());
  std::vector<int32_t> open{0};
  reached[0] = true;
  while (!open.empty()) {
    const State& state = states_[static_cast<size_t>(open.back())];
    open.pop_back();
    if (state.accepting) return false;
    for (const Edge& edge : state.edges) {
      if (reached[static_cast<size_t>(edge.to)]) continue;
      reached[static_cast<size_t>(edge.to)] = true;
      open.push_back(edge.to);
    }
  }
  return true;
}

ByteDfa ByteDfa::combine(const ByteDfa& other, bool subtracted) const {
  return ByteDfa(Product(states_, other.states_, subtracted).take());
}

}  // namespace loam
