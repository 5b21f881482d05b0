#include "engine/grammar/states.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "engine/grammar/limits.h"

namespace loam {
namespace {

using Kind = GrammarEdge::Kind;

uint64_t mix(uint64_t hash, uint64_t value) {
  hash = (hash ^ value) * 0x9E3779B97F4A7C15u;
  return hash ^ hash >> 29;
}
uint64_t mix(uint64_t hash, const GrammarItem& item) {
  return mix(hash, static_cast<uint64_t>(item.state) << 32 | static_cast<uint32_t>(item.node));
}
uint64_t mix(uint64_t hash, const GrammarFrame& frame) {
  const uint64_t to = static_cast<uint64_t>(frame.to) << 32 | static_cast<uint32_t>(frame.parent);
  return mix(mix(hash, to), static_cast<uint32_t>(frame.count));
}

}  // namespace

template <class T>
size_t SpanPool<T>::Hash::operator()(std::span<const T> span) const {
  uint64_t hash = span.size();
  for (const T& value : span) hash = mix(hash, value);
  return hash;
}

template <class T>
int32_t SpanPool<T>::intern(std::span<const T> span) {
  if (const auto at = index_.find(span); at != index_.end()) return *at;
  values_.insert(values_.end(), span.begin(), span.end());
  begin_.push_back(static_cast<uint32_t>(values_.size()));
  index_.insert(size() - 1);
  return size() - 1;
}

bool GrammarItemSet::insert(GrammarItem item) {
  if (2 * size_ >= slots_.size()) grow();
  const size_t mask = slots_.size() - 1;
  for (size_t i = mix(0, item) & mask;; i = (i + 1) & mask) {
    Slot& slot = slots_[i];
    if (slot.round != round_) {
      slot = {item, round_};
      ++size_;
      return true;
    }
    if (slot.item == item) return false;
  }
}

void GrammarItemSet::grow() {
  const std::vector<Slot> old = std::exchange(slots_, std::vector<Slot>(2 * slots_.size()));
  size_ = 0;
  for (const Slot& slot : old) {
    if (slot.round == round_) insert(slot.item);
  }
}

GrammarStates::GrammarStates(const GrammarAutomaton& automaton) : automaton_(automaton) {
  intern_node({});    // kBottom
  intern({}, false);  // kDead
  open_.push_back({automaton.start(), kBottom});
  start_ = close();
}

std::span<const GrammarItem> GrammarStates::items(int32_t state) const {
  const auto items = states_[state];
  return accepts(state) ? items.first(items.size() - 1) : items;
}

int32_t GrammarStates::intern(std::span<const GrammarItem> items, bool accepts) {
  std::vector<GrammarItem> ended;
  if (accepts) {
    ended.assign(items.begin(), items.end());
    ended.push_back(kEnd);
    items = ended;
  }
  const int32_t state = states_.intern(items);
  if (static_cast<size_t>(state) == rows_.size()) {
    rows_.push_back(-1);
    accepts_.push_back(accepts);
    uint32_t weight = 0;
    for (const GrammarItem& item : items) {
      weight += 1 + (item == kEnd ? 0 : return_weights_[static_cast<size_t>(item.node)]);
    }
    weights_.push_back(weight);
  }
  return state;
}

int32_t GrammarStates::intern_node(std::span<const GrammarFrame> frames) {
  const int32_t node = nodes_.intern(frames);
  if (static_cast<size_t>(node) == depths_.size()) {
    int32_t depth = 0;
    for (const GrammarFrame& frame : frames) depth = std::max(depth, depths_[static_cast<size_t>(frame.parent)] + 1);
    depths_.push_back(depth);
    uint32_t weight = 0;
    for (const GrammarFrame& frame : frames) {
      weight += 1 + (may_return(frame) ? return_weights_[static_cast<size_t>(frame.parent)] : 0);
    }
    return_weights_.push_back(std::min<uint32_t>(weight, grammar_limits::kReturns));
  }
  return node;
}

// More would be copied from call to call.
bool GrammarStates::has_few_frames(int32_t node) const {
  const size_t n = nodes_[node].size();
  return n > 0 && n <= 4;
}

// After a return to it, its own rule may return at once.
bool GrammarStates::may_return(const GrammarFrame& frame) const {
  return automaton_.may_end(frame.count < 0 ? frame.to : automaton_.repeat(frame.to).to);
}

int32_t GrammarStates::make_step(int32_t state, int symbol) {
  int32_t& row = rows_[static_cast<size_t>(state)];
  if (row < 0) {
    row = static_cast<int32_t>(next_.size());
    next_.resize(next_.size() + static_cast<size_t>(automaton_.n_symbols()), kUnknown);
  }
  const size_t slot = static_cast<size_t>(row) + static_cast<size_t>(symbol);
  const bool is_byte = automaton_.is_byte_symbol(symbol);
  const uint8_t byte = is_byte ? automaton_.byte_of_symbol(symbol) : uint8_t{0};
  const Token token = is_byte ? -1 : automaton_.token_of_symbol(symbol);
  for (const GrammarItem& item : items(state)) {
    for (const GrammarEdge& edge : automaton_.edges(item.state)) {
      const bool matches = is_byte ? edge.kind == Kind::byte && edge.first <= byte && byte <= edge.last
                                   : edge.kind == Kind::token && edge.value == token;
      if (matches) open_.push_back({edge.to, item.node});
    }
  }
  const int32_t next = open_.empty() ? kDead : close();
  return next_[slot] = next;
}

int32_t GrammarStates::after_return(int32_t node) {
  return_from(node);
  return close();
}

int32_t GrammarStates::close() {
  std::ranges::reverse(open_);  // it is a stack
  while (!open_.empty()) {
    const GrammarItem item = open_.back();
    open_.pop_back();
    visit(item);
  }
  enter_calls();
  if (closed_.size() > grammar_limits::kItems) closed_.resize(grammar_limits::kItems);
  // Equal sets are equal states, whichever way they came about; where one state stands on several stacks, these stay in
  // the order in which they were found, which is the same at every run.
  std::ranges::stable_sort(closed_, {}, &GrammarItem::state);
  const int32_t state = intern(closed_, ends_);
  closed_.clear();
  seen_.clear();
  ends_ = false;
  n_returns_ = 0;
  return state;
}

void GrammarStates::visit(GrammarItem item) {
  if (!seen_.insert(item)) return;
  bool has_symbols = false;
  for (const GrammarEdge& edge : automaton_.edges(item.state)) {
    switch (edge.kind) {
      case Kind::byte:
      case Kind::token: has_symbols = true; break;
      case Kind::epsilon: open_.push_back({edge.to, item.node}); break;
      case Kind::call:
        if (automaton_.is_tail(edge.to) && has_few_frames(item.node)) {  // returns to where this rule returns to
          for (const GrammarFrame& frame : nodes_[item.node]) call(edge.value, frame);
        } else {
          call(edge.value, {edge.to, -1, item.node});
        }
        break;
      case Kind::repeat: call(automaton_.repeat(edge.value).rule, {edge.value, 0, item.node}); break;
    }
  }
  if (has_symbols) closed_.push_back(item);
  // A rule that was called at this very place does not return: its callers go past one that may be empty.
  if (automaton_.is_final(item.state) && !entering_) return_from(item.node);
}

void GrammarStates::return_from(int32_t node) {
  if (node == kBottom) ends_ = true;
  for (const GrammarFrame& frame : nodes_[node]) {
    if (++n_returns_ > grammar_limits::kReturns) return;
    if (frame.count < 0) {
      open_.push_back({frame.to, frame.parent});
      continue;
    }
    const auto& repeat = automaton_.repeat(frame.to);
    const int32_t count = frame.count + 1;
    if (count >= repeat.min) open_.push_back({repeat.to, frame.parent});
    if (count >= repeat.max) continue;
    const bool counts = repeat.max != INT32_MAX || count < repeat.min;  // beyond it, all counts are one
    call(repeat.rule, {frame.to, counts ? count : repeat.min, frame.parent});
  }
}

void GrammarStates::call(RuleId rule, const GrammarFrame& frame) {
  auto& frames = calls_[automaton_.rule(rule).rank];
  if (depths_[static_cast<size_t>(frame.parent)] >= grammar_limits::kDepth) return;
  if (frames.size() >= grammar_limits::kFrames || std::ranges::find(frames, frame) != frames.end()) return;
  frames.push_back(frame);
}

// A rule's callers at this place are all known when its turn comes: they have lower ranks.
void GrammarStates::enter_calls() {
  entering_ = true;
  while (!calls_.empty()) {
    const auto [rank, frames] = std::move(*calls_.begin());
    calls_.erase(calls_.begin());
    if (frames.empty()) continue;
    open_.push_back({automaton_.rule(automaton_.rule_of_rank(rank)).start, intern_node(frames)});
    while (!open_.empty()) {
      const GrammarItem item = open_.back();
      open_.pop_back();
      visit(item);
    }
  }
  entering_ = false;
}

// Nodes are made after those they stand on, so their order is theirs here too.
int32_t GrammarStates::import(const GrammarStates& other, int32_t state) {
  std::vector<int32_t> needed;
  for (const GrammarItem& item : other.items(state)) needed.push_back(item.node);
  std::unordered_map<int32_t, int32_t> here{{kBottom, kBottom}};
  for (size_t i = 0; i < needed.size(); ++i) {
    if (!here.try_emplace(needed[i], -1).second) continue;
    for (const GrammarFrame& frame : other.frames(needed[i])) needed.push_back(frame.parent);
  }
  std::ranges::sort(needed);
  for (const int32_t node : needed) {
    if (here[node] >= 0) continue;
    std::vector<GrammarFrame> frames(other.frames(node).begin(), other.frames(node).end());
    for (GrammarFrame& frame : frames) frame.parent = here[frame.parent];
    here[node] = intern_node(frames);
  }
  std::vector<GrammarItem> items(other.items(state).begin(), other.items(state).end());
  for (GrammarItem& item : items) item.node = here[item.node];
  return intern(items, other.accepts(state));
}

template class SpanPool<GrammarFrame>;
template class SpanPool<GrammarItem>;

}  // namespace loam
