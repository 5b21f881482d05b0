// A flat hash map from 64-bit keys to small values: one allocation, linear probing, no removal.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace loam {

// Spreads the bits of `key` over the whole word (the finaliser of MurmurHash3).
inline uint64_t mix_bits(uint64_t key) {
  key = (key ^ key >> 33) * 0xFF51AFD7ED558CCDull;
  key = (key ^ key >> 33) * 0xC4CEB9FE1A85EC53ull;
  return key ^ key >> 33;
}

// The number of slots that holds `entries` at a load of at most two thirds.
inline size_t slots_for(size_t entries) { return std::max<size_t>(16, entries * 3 / 2 + 1); }

// The first of `slots` (below 2³²) to look at: the mixed bits as a fraction of 2³², times their number (Lemire, Fast
// random integer generation in an interval, 2019).
inline size_t slot_of(uint64_t key, size_t slots) { return static_cast<size_t>((mix_bits(key) >> 32) * slots >> 32); }

template <class Value>
class FlatMap {
 public:
  explicit FlatMap(size_t expected = 0) : slots_(slots_for(expected)) {}

  size_t size() const { return size_; }

  const Value* find(uint64_t key) const {
    const Slot& slot = slots_[locate(key)];
    return slot.key == key ? &slot.value : nullptr;
  }

  // The value of `key`, default-constructed where it is new; any key but UINT64_MAX.
  Value& operator[](uint64_t key) {
    if ((size_ + 1) * 3 > slots_.size() * 2) grow();
    Slot& slot = slots_[locate(key)];
    if (slot.key == kEmpty) {
      slot.key = key;
      ++size_;
    }
    return slot.value;
  }

 private:
  static constexpr uint64_t kEmpty = UINT64_MAX;
  struct Slot {
    uint64_t key = kEmpty;
    Value value{};
  };

  // Where `key` is, or the empty slot where it would go.
  size_t locate(uint64_t key) const {
    size_t i = slot_of(key, slots_.size());
    while (slots_[i].key != key && slots_[i].key != kEmpty)
      if (++i == slots_.size()) i = 0;
    return i;
  }

  void grow() {
    std::vector<Slot> old(slots_.size() * 2);
    old.swap(slots_);
    for (Slot& slot : old) {
      if (slot.key != kEmpty) slots_[locate(slot.key)] = std::move(slot);
    }
  }

  std::vector<Slot> slots_;
  size_t size_ = 0;
};

}  // namespace loam
