#include "engine/grammar/masks.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "engine/grammar/limits.h"

namespace loam {
namespace {

void set_bit(std::span<uint64_t> words, Token token) {
  const auto i = static_cast<size_t>(token);
  words[i / 64] |= uint64_t{1} << (i % 64);
}

// In keys: masks of what goes on within one rule.
constexpr uint64_t kLocal = uint64_t{1} << 32, kReturning = uint64_t{2} << 32;

constexpr size_t kFewItems = 8;

}  // namespace

void GrammarMasks::Mask::add_to(std::span<uint64_t> all) const {
  for (size_t i = 0; i < words.size(); ++i) all[i] |= words[i];
  for (const Token token : tokens) set_bit(all, token);
}

GrammarMasks::Mask GrammarMasks::pack(std::span<const uint64_t> words) const {
  size_t n_tokens = 0;
  for (const uint64_t word : words) n_tokens += static_cast<size_t>(std::popcount(word));
  Mask mask;
  if (n_tokens > words.size()) {
    mask.words.assign(words.begin(), words.end());
    return mask;
  }
  mask.tokens.reserve(n_tokens);
  for (size_t i = 0; i < words.size(); ++i) {
    for (uint64_t word = words[i]; word; word &= word - 1) {
      mask.tokens.push_back(static_cast<Token>(i * 64 + static_cast<size_t>(std::countr_zero(word))));
    }
  }
  return mask;
}

std::shared_ptr<const GrammarMasks::Mask> GrammarMasks::cached(uint64_t key) {
  const auto at = by_key_.find(key);
  if (at == by_key_.end()) return nullptr;
  recent_.splice(recent_.begin(), recent_, at->second);
  return at->second->mask;
}

void GrammarMasks::keep(uint64_t key, const std::shared_ptr<const Mask>& mask) {
  recent_.push_front({key, mask});
  by_key_[key] = recent_.begin();
  bytes_ += mask->bytes();
  while (bytes_ > grammar_limits::kMaskBytes && recent_.size() > 1) {
    bytes_ -= recent_.back().mask->bytes();
    by_key_.erase(recent_.back().key);
    recent_.pop_back();
  }
}

void GrammarMasks::write(GrammarStates& states, int32_t state, std::span<uint64_t> words) {
  std::ranges::fill(words, 0);
  whole(states, state)->add_to(words);
}

// The mask of a state is the union over its items of what they allow: that within the rule they are in, which is the
// same wherever the rule was called, and what its callers allow after it has returned.
std::shared_ptr<const GrammarMasks::Mask> GrammarMasks::whole(GrammarStates& states, int32_t state) {
  const auto key = static_cast<uint64_t>(state);
  if (auto mask = cached(key)) return mask;
  std::vector<uint64_t> words(vocabulary_.n_words());
  if (states.accepts(state)) add_end_tokens(words);
  add_special_tokens(states, state, words);
  work_ = 0;
  for (const Group& group : groups(states, state)) add_group(states, group, words);
  walk_all(states, state, vocabulary_.long_tokens(), words, nullptr);
  if (std::ranges::all_of(words, [](uint64_t word) { return word == 0; })) add_end_tokens(words);
  auto mask = std::make_shared<const Mask>(pack(words));
  keep(key, mask);
  return mask;
}

// The short tokens of a group.
void GrammarMasks::add_group(GrammarStates& states, const Group& group, std::span<uint64_t> words) {
  const TokenTrie& trie = vocabulary_.short_tokens();
  if (work_ > grammar_limits::kMaskWork) return walk_all(states, states.intern(group.items), trie, words, nullptr);
  const auto inside = local(states, local_state(states, group), group.bottom != GrammarStates::kBottom);
  inside->add_to(words);
  work_ += inside->work;
  if (inside->exits.empty()) return;
  const int32_t outside = states.after_return(group.bottom);
  for (const uint32_t node : inside->exits) {
    walk(states, outside, trie, node + 1, trie.nodes()[node].skip, words, nullptr);
  }
}

// The short tokens that the state itself allows, and with `returns` where in them it has come to its end.
std::shared_ptr<const GrammarMasks::Mask> GrammarMasks::local(GrammarStates& states, int32_t state, bool returns) {
  const uint64_t key = (returns ? kReturning : kLocal) | static_cast<uint64_t>(state);
  if (auto mask = cached(key)) return mask;
  const uint64_t work_outside = std::exchange(work_, 0);  // what is allowed must not depend on what is cached
  std::vector<uint64_t> words(vocabulary_.n_words());
  std::vector<uint32_t> exits;
  walk_all(states, state, vocabulary_.short_tokens(), words, returns ? &exits : nullptr);
  Mask packed = pack(words);
  packed.exits = std::move(exits);
  packed.work = std::exchange(work_, work_outside);
  auto mask = std::make_shared<const Mask>(std::move(packed));
  keep(key, mask);
  return mask;
}

void GrammarMasks::walk_all(GrammarStates& states, int32_t state, const TokenTrie& trie, std::span<uint64_t> words,
                            std::vector<uint32_t>* exits) {
  walk(states, state, trie, 0, static_cast<uint32_t>(trie.nodes().size()), words, exits);
}

void GrammarMasks::add_end_tokens(std::span<uint64_t> words) const {
  for (const Token token : vocabulary_.end_tokens()) set_bit(words, token);
}

void GrammarMasks::add_special_tokens(const GrammarStates& states, int32_t state, std::span<uint64_t> words) const {
  if (automaton_.tokens().empty()) return;
  for (const GrammarItem& item : states.items(state)) {
    for (const GrammarEdge& edge : automaton_.edges(item.state)) {
      if (edge.kind == GrammarEdge::Kind::token) set_bit(words, edge.value);
    }
  }
}

// An item belongs to the innermost rule that shares masks, as long as calls have one caller each up to there.
std::vector<GrammarMasks::Group> GrammarMasks::groups(const GrammarStates& states, int32_t state) const {
  std::vector<Group> groups;
  const auto items = states.items(state);
  for (const GrammarItem& item : items) {
    GrammarItem at = item;
    while (!automaton_.shares_masks(at.state)) {
      const auto frames = states.frames(at.node);
      if (frames.size() != 1) {
        at.node = GrammarStates::kBottom;
        break;
      }
      const bool counted = frames[0].count >= 0;
      at = {counted ? automaton_.repeat(frames[0].to).to : frames[0].to, frames[0].parent};
    }
    auto group = items.size() <= kFewItems ? groups.end() : std::ranges::find(groups, at.node, &Group::bottom);
    if (group == groups.end()) group = groups.insert(groups.end(), {at.node, {}});
    group->items.push_back(item);
  }
  return groups;
}

// The group's items on stacks that end at its bottom.
int32_t GrammarMasks::local_state(GrammarStates& states, const Group& group) const {
  std::vector<GrammarItem> items;
  for (const GrammarItem& item : group.items) items.push_back(onto_bottom(states, item, group.bottom));
  return states.intern(items);
}

GrammarItem GrammarMasks::onto_bottom(GrammarStates& states, GrammarItem item, int32_t bottom) const {
  std::vector<GrammarFrame> path;  // from the top
  int32_t node = item.node;
  while (node != bottom) {
    const auto frames = states.frames(node);
    if (frames.size() != 1) break;  // only where the bottom is that of the whole stack
    path.push_back(frames[0]);
    node = frames[0].parent;
  }
  if (node == bottom) node = GrammarStates::kBottom;
  for (auto frame = path.rbegin(); frame != path.rend(); ++frame) {
    if (frame->count >= 0) frame->count = alike_count(automaton_.repeat(frame->to), frame->count);
    frame->parent = node;
    node = states.intern_node({&*frame, 1});
  }
  return {item.state, node};
}

// A short token cannot tell two counts apart that are both far from the least or most, so the least such count stands
// for all of them.
int32_t GrammarMasks::alike_count(const GrammarAutomaton::Repeat& repeat, int32_t count) const {
  constexpr auto kFar = static_cast<int32_t>(GrammarVocabulary::kShortBytes) + 1;
  if (repeat.max - count <= kFar) return count;
  if (count >= repeat.min) return repeat.min;
  return repeat.min - count > kFar ? 0 : count;
}

// Sets the bits of the tokens below nodes begin … end − 1, one level of the trie and what is below it, which `state`
// allows.
void GrammarMasks::walk(GrammarStates& states, int32_t state, const TokenTrie& trie, uint32_t begin, uint32_t end,
                        std::span<uint64_t> words, std::vector<uint32_t>* exits) {
  if (begin >= end || state == GrammarStates::kDead) return;
  const auto nodes = trie.nodes();
  const auto& symbols = automaton_.symbol_of_byte();
  path_.resize(static_cast<size_t>(trie.depth()) + 1);
  path_[nodes[begin].depth - 1u] = state;
  for (uint32_t i = begin; i < end;) {
    const TokenTrie::Node& node = nodes[i];
    const int32_t from = path_[node.depth - 1u];
    work_ += states.weight(from);
    // Beyond the limit only the first bytes of texts are tried, so that something remains allowed.
    const bool too_deep = work_ > grammar_limits::kMaskWork && node.depth > 1;
    const int32_t to = too_deep ? GrammarStates::kDead : states.step(from, symbols[node.byte]);
    if (to == GrammarStates::kDead) {
      i = node.skip;
      continue;
    }
    path_[node.depth] = to;
    for (const Token token : trie.tokens(i)) set_bit(words, token);
    if (exits && states.accepts(to)) exits->push_back(i);
    ++i;
  }
}

}  // namespace loam
