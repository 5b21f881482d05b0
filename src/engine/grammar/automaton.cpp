#include "engine/grammar/automaton.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "engine/grammar/limits.h"
#include "engine/grammar/lowering.h"

namespace loam {
namespace {

using Kind = GrammarEdge::Kind;
using Edges = std::vector<std::vector<GrammarEdge>>;

// The states from which the end of their rule can be reached: by any text, or by the empty text only.
class Reachability {
 public:
  Reachability(const Edges& edges, const std::vector<GrammarAutomaton::Rule>& rules,
               const std::vector<GrammarAutomaton::Repeat>& repeats, bool empty_text)
      : reaches_(edges.size()), back_(edges.size()), waiting_(rules.size()), rule_of_start_(edges.size(), -1) {
    for (size_t i = 0; i < rules.size(); ++i) {
      rule_of_start_[static_cast<size_t>(rules[i].start)] = static_cast<RuleId>(i);
    }
    for (size_t from = 0; from < edges.size(); ++from) {
      for (const GrammarEdge& edge : edges[from]) {
        if (empty_text && (edge.kind == Kind::byte || edge.kind == Kind::token)) continue;
        const RuleId through = edge.kind == Kind::call     ? edge.value
                               : edge.kind == Kind::repeat ? repeats[static_cast<size_t>(edge.value)].rule
                                                           : -1;
        back_[static_cast<size_t>(edge.to)].push_back({static_cast<int32_t>(from), through});
      }
    }
    for (const auto& rule : rules) mark(rule.end);
    while (!open_.empty()) visit();
  }
  const std::vector<bool>& states() const { return reaches_; }

 private:
  struct Back {
    int32_t from;
    RuleId through;  // a rule that must reach its own end; -1 for none
  };

  void mark(int32_t state) {
    if (reaches_[static_cast<size_t>(state)]) return;
    reaches_[static_cast<size_t>(state)] = true;
    open_.push_back(state);
  }

  void visit() {
    const auto state = static_cast<size_t>(open_.back());
    open_.pop_back();
    for (const Back& back : back_[state]) {
      if (back.through < 0 || reaches_end(back.through)) {
        mark(back.from);
      } else {
        waiting_[static_cast<size_t>(back.through)].push_back(back.from);
      }
    }
    const RuleId rule = rule_of_start_[state];
    if (rule < 0) return;
    done_.resize(waiting_.size());
    done_[static_cast<size_t>(rule)] = true;
    for (const int32_t from : waiting_[static_cast<size_t>(rule)]) mark(from);
  }

  bool reaches_end(RuleId rule) const {
    return static_cast<size_t>(rule) < done_.size() && done_[static_cast<size_t>(rule)];
  }

  std::vector<bool> reaches_, done_;
  std::vector<std::vector<Back>> back_;
  std::vector<std::vector<int32_t>> waiting_;  // for each rule: states that go on when it reaches its end
  std::vector<RuleId> rule_of_start_;
  std::vector<int32_t> open_;
};

}  // namespace

GrammarAutomaton::GrammarAutomaton(const GrammarRules& rules, RuleId root) : root_(root) {
  Lowering lowering(rules, Lowering::Counts::counted);
  for (const GrammarRules::Rule& rule : rules.rules()) {
    const int32_t start = lowering.add_state();
    rules_.push_back({.name = rule.name,
                      .start = start,
                      .end = lowering.lower(rule.body, start),
                      .shared_masks = rule.shared_masks});
  }
  lowering.lower_repeated_rules(rules_);
  repeats_ = std::move(lowering.repeats());
  Edges& edges = lowering.edges();
  const Reachability nullable(edges, rules_, repeats_, true), productive(edges, rules_, repeats_, false);
  if (!productive.states()[static_cast<size_t>(start())]) {
    throw Error(Error::Code::grammar_error, "nothing satisfies it: every text that begins it can never end");
  }
  add_empty_passages(nullable.states(), edges);
  remove_dead_ends(productive.states(), edges);
  rank_rules(edges);
  pack(edges);
  for (size_t i = 0; i < flags_.size(); ++i) flags_[i] |= nullable.states()[i] ? kMayEnd : 0;
  find_symbols();
  find_tails();
}

// A call of a rule that may be empty may be left out. Matching then need not return from it before its first byte.
void GrammarAutomaton::add_empty_passages(const std::vector<bool>& nullable, Edges& edges) {
  const auto is_nullable = [&](RuleId rule) {
    return nullable[static_cast<size_t>(rules_[static_cast<size_t>(rule)].start)];
  };
  for (auto& from : edges) {
    for (size_t i = 0; i < from.size(); ++i) {
      const GrammarEdge edge = from[i];
      bool passes = edge.kind == Kind::call && is_nullable(edge.value);
      if (edge.kind == Kind::repeat && is_nullable(repeat(edge.value).rule)) {
        passes = true;
        repeats_[static_cast<size_t>(edge.value)].min = 0;
      }
      if (passes) from.push_back({.kind = Kind::epsilon, .to = edge.to});
    }
  }
}

void GrammarAutomaton::remove_dead_ends(const std::vector<bool>& productive, Edges& edges) {
  const auto is_dead = [&](const GrammarEdge& edge) {
    if (!productive[static_cast<size_t>(edge.to)]) return true;
    if (edge.kind == Kind::call) return !productive[static_cast<size_t>(rule(edge.value).start)];
    return edge.kind == Kind::repeat && !productive[static_cast<size_t>(rule(repeat(edge.value).rule).start)];
  };
  for (auto& from : edges) std::erase_if(from, is_dead);
}

// Orders rules so that those called before the first byte come after their callers, by depth-first search.
void GrammarAutomaton::rank_rules(const Edges& edges) {
  std::vector<int32_t> visited_by(edges.size(), -1);
  const auto left_calls = [&](RuleId rule) {
    std::vector<RuleId> calls;
    std::vector<int32_t> open{rules_[static_cast<size_t>(rule)].start};
    while (!open.empty()) {
      const auto state = static_cast<size_t>(open.back());
      open.pop_back();
      if (std::exchange(visited_by[state], rule) == rule) continue;
      for (const GrammarEdge& edge : edges[state]) {
        if (edge.kind == Kind::epsilon) open.push_back(edge.to);
        if (edge.kind == Kind::call) calls.push_back(edge.value);
        if (edge.kind == Kind::repeat) calls.push_back(repeat(edge.value).rule);
      }
    }
    return calls;
  };

  enum class Mark : uint8_t { fresh, open, done };
  struct Visit {
    RuleId rule;
    std::vector<RuleId> calls;
    size_t next = 0;
    int length = 1;  // of the longest chain of left calls that begins here
  };
  std::vector<Mark> marks(rules_.size());
  std::vector<int> lengths(rules_.size());
  std::vector<Visit> path;
  const auto enter = [&](RuleId rule) {
    marks[static_cast<size_t>(rule)] = Mark::open;
    path.push_back({rule, left_calls(rule)});
  };
  const auto finish = [&] {
    const Visit& visit = path.back();
    const auto rule = static_cast<size_t>(visit.rule);
    if (visit.length > grammar_limits::kLeftCalls) {
      throw Error(Error::Code::grammar_error,
                  fmt::format("rule '{}' begins with a rule that begins with a rule, {} deep; the limit is {}",
                              rules_[rule].name, visit.length, grammar_limits::kLeftCalls));
    }
    lengths[rule] = visit.length;
    marks[rule] = Mark::done;
    rule_of_rank_.push_back(visit.rule);
    path.pop_back();
  };
  for (RuleId root = 0; root < static_cast<RuleId>(rules_.size()); ++root) {
    if (marks[static_cast<size_t>(root)] == Mark::fresh) enter(root);
    while (!path.empty()) {
      Visit& visit = path.back();
      if (visit.next == visit.calls.size()) {
        finish();
        continue;
      }
      const auto called = static_cast<size_t>(visit.calls[visit.next]);
      if (marks[called] == Mark::open) {
        throw Error(Error::Code::grammar_error,
                    fmt::format("rule '{}' is left-recursive: it calls itself before its first character; write it "
                                "as a repetition, such as item*",
                                rules_[called].name));
      }
      if (marks[called] == Mark::done) {
        visit.length = std::max(visit.length, lengths[called] + 1);
        ++visit.next;
      } else {
        enter(static_cast<RuleId>(called));
      }
    }
  }
  std::ranges::reverse(rule_of_rank_);
  for (size_t i = 0; i < rule_of_rank_.size(); ++i) {
    rules_[static_cast<size_t>(rule_of_rank_[i])].rank = static_cast<int32_t>(i);
  }
}

void GrammarAutomaton::pack(const Edges& edges) {
  edge_begin_.push_back(0);
  for (const auto& from : edges) {
    edges_.insert(edges_.end(), from.begin(), from.end());
    edge_begin_.push_back(static_cast<uint32_t>(edges_.size()));
  }
  flags_.assign(edges.size(), 0);
  for (const Rule& rule : rules_) {
    flags_[static_cast<size_t>(rule.end)] |= kFinal;
    if (!rule.shared_masks) continue;
    std::vector<int32_t> open{rule.start};
    while (!open.empty()) {
      const auto state = static_cast<size_t>(open.back());
      open.pop_back();
      if (flags_[state] & kShared) continue;
      flags_[state] |= kShared;
      for (const GrammarEdge& edge : edges[state]) open.push_back(edge.to);
    }
  }
}

void GrammarAutomaton::find_symbols() {
  std::array<bool, 257> begins{};
  for (const GrammarEdge& edge : edges_) {
    if (edge.kind == Kind::byte) begins[edge.first] = begins[edge.last + 1] = true;
    if (edge.kind == Kind::token) tokens_.push_back(edge.value);
  }
  int symbol = 0;
  for (int byte = 0; byte < 256; ++byte) {
    symbol += byte > 0 && begins[static_cast<size_t>(byte)];
    symbol_of_byte_[static_cast<size_t>(byte)] = static_cast<uint8_t>(symbol);
    byte_of_symbol_[static_cast<size_t>(symbol)] = static_cast<uint8_t>(byte);
  }
  n_byte_symbols_ = symbol + 1;
  std::ranges::sort(tokens_);
  tokens_.erase(std::unique(tokens_.begin(), tokens_.end()), tokens_.end());
}

int GrammarAutomaton::symbol_of_token(Token token) const {
  const auto at = std::ranges::lower_bound(tokens_, token);
  if (at == tokens_.end() || *at != token) return -1;
  return n_byte_symbols_ + static_cast<int>(at - tokens_.begin());
}

// A final state without edges, and those from which one edge of kind epsilon leads to such a state.
void GrammarAutomaton::find_tails() {
  std::vector<int32_t> open;
  std::vector<std::vector<int32_t>> single(flags_.size());  // states whose only edge leads here
  for (int32_t state = 0; state < n_states(); ++state) {
    const auto from = edges(state);
    if (from.empty() && is_final(state)) open.push_back(state);
    if (from.size() == 1 && from[0].kind == Kind::epsilon) single[static_cast<size_t>(from[0].to)].push_back(state);
  }
  while (!open.empty()) {
    const auto state = static_cast<size_t>(open.back());
    open.pop_back();
    if (flags_[state] & kTail) continue;
    flags_[state] |= kTail;
    open.insert(open.end(), single[state].begin(), single[state].end());
  }
}

}  // namespace loam
