// Which tokens of a vocabulary may come next in a state of a grammar, worked out once for each state.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "engine/grammar/automaton.h"
#include "engine/grammar/grammar_vocabulary.h"
#include "engine/grammar/states.h"

namespace loam {

// The masks used last, up to a number of bytes.
class GrammarMasks {
 public:
  GrammarMasks(const GrammarAutomaton& automaton, const GrammarVocabulary& vocabulary)
      : automaton_(automaton), vocabulary_(vocabulary) {}

  // Writes the mask of `state` to `words`, [n_words] of them. Not empty: where nothing can follow, which only a limit
  // or a vocabulary that lacks bytes can cause, the end tokens are allowed.
  void write(GrammarStates& states, int32_t state, std::span<uint64_t> words);
  size_t bytes() const { return bytes_; }

 private:
  // Tokens allowed, as bits or, where they are few, by number.
  struct Mask {
    std::vector<uint64_t> words;
    std::vector<Token> tokens;
    std::vector<uint32_t> exits;  // nodes of the trie of short tokens at whose end the bottom call has returned
    uint64_t work = 0;            // that it took

    void add_to(std::span<uint64_t> all) const;
    size_t bytes() const { return 64 + words.size() * 8 + tokens.size() * 4 + exits.size() * 4; }
  };
  struct Entry {
    uint64_t key;
    std::shared_ptr<const Mask> mask;
  };
  // Items of a state that share what follows when the rule they are in returns. Few items are a group each: what one
  // allows by itself comes again in more states than what several allow together.
  struct Group {
    int32_t bottom;  // node that this rule returns from; GrammarStates::kBottom where no such rule is open
    std::vector<GrammarItem> items;
  };

  std::shared_ptr<const Mask> whole(GrammarStates& states, int32_t state);
  std::shared_ptr<const Mask> local(GrammarStates& states, int32_t state, bool returns);
  std::shared_ptr<const Mask> cached(uint64_t key);
  void keep(uint64_t key, const std::shared_ptr<const Mask>& mask);
  Mask pack(std::span<const uint64_t> words) const;

  void add_group(GrammarStates& states, const Group& group, std::span<uint64_t> words);
  void add_special_tokens(const GrammarStates& states, int32_t state, std::span<uint64_t> words) const;
  void add_end_tokens(std::span<uint64_t> words) const;
  std::vector<Group> groups(const GrammarStates& states, int32_t state) const;
  int32_t local_state(GrammarStates& states, const Group& group) const;
  GrammarItem onto_bottom(GrammarStates& states, GrammarItem item, int32_t bottom) const;
  int32_t alike_count(const GrammarAutomaton::Repeat& repeat, int32_t count) const;
  void walk_all(GrammarStates& states, int32_t state, const TokenTrie& trie, std::span<uint64_t> words,
                std::vector<uint32_t>* exits);
  void walk(GrammarStates& states, int32_t state, const TokenTrie& trie, uint32_t begin, uint32_t end,
            std::span<uint64_t> words, std::vector<uint32_t>* exits);

  const GrammarAutomaton& automaton_;
  const GrammarVocabulary& vocabulary_;
  std::list<Entry> recent_;  // the last used first
  std::unordered_map<uint64_t, std::list<Entry>::iterator> by_key_;
  size_t bytes_ = 0;
  uint64_t work_ = 0;          // of the mask that is being made
  std::vector<int32_t> path_;  // of walk(): states by depth
};

}  // namespace loam
