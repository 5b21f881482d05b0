// A grammar's automaton made deterministic as texts are matched: the places where a text may be, as one number.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <unordered_set>
#include <vector>

#include "engine/grammar/automaton.h"

namespace loam {

// Spans of plain values, each kept once and known by its number.
template <class T>
class SpanPool {
 public:
  SpanPool() : index_(0, Hash{this}, Equal{this}) {}
  SpanPool(const SpanPool&) = delete;
  SpanPool& operator=(const SpanPool&) = delete;

  int32_t intern(std::span<const T> span);
  std::span<const T> operator[](int32_t i) const {
    const auto at = static_cast<size_t>(i);
    return {values_.data() + begin_[at], values_.data() + begin_[at + 1]};
  }
  int32_t size() const { return static_cast<int32_t>(begin_.size()) - 1; }
  size_t bytes() const { return values_.size() * sizeof(T) + begin_.size() * 48; }

 private:
  struct Hash {
    using is_transparent = void;
    const SpanPool* pool;
    size_t operator()(std::span<const T> span) const;
    size_t operator()(int32_t i) const { return (*this)((*pool)[i]); }
  };
  struct Equal {
    using is_transparent = void;
    const SpanPool* pool;
    bool operator()(int32_t a, int32_t b) const { return a == b; }
    bool operator()(std::span<const T> a, int32_t b) const { return std::ranges::equal(a, (*pool)[b]); }
    bool operator()(int32_t a, std::span<const T> b) const { return (*this)(b, a); }
  };

  std::vector<T> values_;
  std::vector<uint32_t> begin_{0};
  std::unordered_set<int32_t, Hash, Equal> index_;
};

// A call stack is a node: its frames are the callers to which the innermost call may return, each with the stack it was
// called on. Calls of one rule at one place of the text share a node (a graph-structured stack), so that ambiguity does
// not multiply stacks.
struct GrammarFrame {
  int32_t to;      // a state; where counted, a repetition
  int32_t count;   // texts of the repetition that were begun before this one; -1: an ordinary call
  int32_t parent;  // node
  bool operator==(const GrammarFrame&) const = default;
};

// A state with edges of bytes or tokens, on a call stack.
struct GrammarItem {
  int32_t state, node;
  bool operator==(const GrammarItem&) const = default;
};

// The items that were seen since the last clear(), which takes no time.
class GrammarItemSet {
 public:
  bool insert(GrammarItem item);  // false where it was there
  void clear() {
    ++round_;
    size_ = 0;
  }

 private:
  struct Slot {
    GrammarItem item;
    uint64_t round = 0;
  };
  void grow();

  std::vector<Slot> slots_ = std::vector<Slot>(64);
  uint64_t round_ = 1;
  size_t size_ = 0;
};

class GrammarStates {
 public:
  static constexpr int32_t kDead = 0;    // the state from which nothing can be matched
  static constexpr int32_t kBottom = 0;  // the node of the empty call stack

  explicit GrammarStates(const GrammarAutomaton& automaton);

  int32_t start() const { return start_; }
  // The state after a symbol of the automaton; made when it is asked for first.
  int32_t step(int32_t state, int symbol) {
    const int32_t row = rows_[static_cast<size_t>(state)];
    const int32_t next = row < 0 ? kUnknown : next_[static_cast<size_t>(row) + static_cast<size_t>(symbol)];
    return next != kUnknown ? next : make_step(state, symbol);
  }
  bool accepts(int32_t state) const { return accepts_[static_cast<size_t>(state)]; }  // the text may end here
  std::span<const GrammarItem> items(int32_t state) const;
  // About the items that making a step from it looks at.
  uint32_t weight(int32_t state) const { return weights_[static_cast<size_t>(state)]; }
  std::span<const GrammarFrame> frames(int32_t node) const { return nodes_[node]; }

  // The state of these items, which are closed under calls, where the text may not end.
  int32_t intern(std::span<const GrammarItem> items) { return intern(items, false); }
  int32_t intern_node(std::span<const GrammarFrame> frames);
  // The state after a return to all the callers of `node`.
  int32_t after_return(int32_t node);
  // The same state as `state` of `other`, which matches with the same automaton.
  int32_t import(const GrammarStates& other, int32_t state);

  size_t bytes() const {
    return nodes_.bytes() + states_.bytes() + next_.size() * sizeof(int32_t) + depths_.size() * 16;
  }

 private:
  static constexpr int32_t kUnknown = -1;
  // Stands behind the items of a state where the text may end.
  static constexpr GrammarItem kEnd{-1, -1};

  int32_t make_step(int32_t state, int symbol);
  int32_t intern(std::span<const GrammarItem> items, bool accepts);
  bool has_few_frames(int32_t node) const;
  bool may_return(const GrammarFrame& frame) const;
  // The closure: `open_` and what follows from it without a byte.
  int32_t close();
  void visit(GrammarItem item);
  void return_from(int32_t node);
  void call(RuleId rule, const GrammarFrame& frame);
  void enter_calls();

  const GrammarAutomaton& automaton_;
  SpanPool<GrammarFrame> nodes_;
  std::vector<int32_t> depths_;           // of each node
  std::vector<uint32_t> return_weights_;  // of each node: the callers that a return from it goes through
  SpanPool<GrammarItem> states_;
  std::vector<bool> accepts_;
  std::vector<uint32_t> weights_;
  std::vector<int32_t> rows_;  // of each state: where its row in next_ begins; -1: not there yet
  std::vector<int32_t> next_;  // rows of n_symbols
  int32_t start_ = 0;

  // What close() works with.
  std::vector<GrammarItem> open_, closed_;
  GrammarItemSet seen_;
  std::map<int32_t, std::vector<GrammarFrame>> calls_;  // by the rank of the rule called
  bool ends_ = false, entering_ = false;
  size_t n_returns_ = 0;
};

}  // namespace loam
