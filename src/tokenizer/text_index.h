// A flat hash index from texts to ids; it keeps no text but the short ones, its owner knows what text an id has.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "tokenizer/flat_map.h"

namespace loam {

class TextIndex {
 public:
  static constexpr int kAhead = 8;  // how many texts ahead prefetch() pays

  explicit TextIndex(size_t expected = 0) : slots_(slots_for(expected)) {}

  // Adds or replaces, at most `expected` texts; `has_text(id)` tells whether `text` is that of an id.
  template <class HasText>
  void insert(std::string_view text, int32_t id, HasText&& has_text) {
    const Key key = key_of(text);
    slots_[locate(key, has_text)] = {key.word, key.length, id};
  }

  // Starts fetching the memory that insert() or find() of `text` will touch: large tables do not fit a core's caches.
  void prefetch(std::string_view text) const { __builtin_prefetch(&slots_[home(key_of(text))], 1); }

  // The id of `text`, or -1.
  template <class HasText>
  int32_t find(std::string_view text, HasText&& has_text) const {
    return slots_[locate(key_of(text), has_text)].id;
  }

 private:
  static constexpr size_t kShort = 8;

  struct Key {
    uint64_t word;  // the text itself where it is short, else a hash of it
    uint32_t length;
  };
  struct Slot {
    uint64_t word = 0;
    uint32_t length = 0;
    int32_t id = -1;
  };

  static uint64_t load(const char* p, size_t n) {
    uint64_t word = 0;
    std::memcpy(&word, p, n);
    return word;
  }

  static Key key_of(std::string_view text) {
    const auto length = static_cast<uint32_t>(text.size());
    if (length <= kShort) return {text.empty() ? 0 : load(text.data(), length), length};
    uint64_t hash = 0;
    size_t i = 0;
    for (; i + 8 <= length; i += 8) hash = mix_bits(hash ^ load(text.data() + i, 8));
    return {mix_bits(hash ^ load(text.data() + i, length - i)), length};
  }

  size_t home(Key key) const { return slot_of(key.word + key.length, slots_.size()); }

  template <class HasText>
  size_t locate(Key key, HasText&& has_text) const {
    const auto same = [&](const Slot& slot) {
      return slot.word == key.word && slot.length == key.length && (key.length <= kShort || has_text(slot.id));
    };
    size_t i = home(key);
    while (slots_[i].id >= 0 && !same(slots_[i]))
      if (++i == slots_.size()) i = 0;
    return i;
  }

  std::vector<Slot> slots_;
};

}  // namespace loam
