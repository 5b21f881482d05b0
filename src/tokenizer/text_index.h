// A flat hash index from texts to ids; it stores no text, its owner tells it what text an id has.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "tokenizer/flat_map.h"

namespace loam {

// A 64-bit hash of the bytes, eight at a time.
inline uint64_t hash_text(std::string_view text) {
  uint64_t hash = text.size() * 0x9E3779B97F4A7C15ull;
  const char* p = text.data();
  size_t left = text.size();
  for (; left >= 8; p += 8, left -= 8) {
    uint64_t word;
    std::memcpy(&word, p, 8);
    hash = mix_bits(hash ^ word);
  }
  uint64_t word = 0;
  if (left) std::memcpy(&word, p, left);
  return mix_bits(hash ^ word);
}

class TextIndex {
 public:
  explicit TextIndex(size_t expected = 0) : slots_(slots_for(expected)) {}

  // Adds or replaces; at most `expected` texts.
  template <class TextOf>
  void insert(std::string_view text, int32_t id, TextOf&& text_of) {
    const uint64_t hash = hash_text(text);
    slots_[locate(text, hash, text_of)] = {static_cast<uint32_t>(hash >> 32), id};
  }

  // The id of `text`, or -1.
  template <class TextOf>
  int32_t find(std::string_view text, TextOf&& text_of) const {
    return slots_[locate(text, hash_text(text), text_of)].id;
  }

 private:
  struct Slot {
    uint32_t tag = 0;
    int32_t id = -1;
  };

  template <class TextOf>
  size_t locate(std::string_view text, uint64_t hash, TextOf&& text_of) const {
    const size_t mask = slots_.size() - 1;
    const auto tag = static_cast<uint32_t>(hash >> 32);
    size_t i = hash & mask;
    while (slots_[i].id >= 0 && (slots_[i].tag != tag || text_of(slots_[i].id) != text)) i = (i + 1) & mask;
    return i;
  }

  std::vector<Slot> slots_;
};

}  // namespace loam
