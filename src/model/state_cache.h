// The states of layers that keep one instead of keys and values: a slot of fixed size holds all of a sequence's.
#pragma once

#include <cstdint>
#include <vector>

#include "model/page_pool.h"
#include "ops/state_ops.h"

namespace loam {

struct KvRoom;
struct ModelConfig;

// Slots are taken and given back like pages, from the budget of the KvCache that holds this. Besides the one that each
// sequence changes in place, there is room for some that are kept as snapshots (engine/prefix_cache.h).
class StateCache {
 public:
  // Address space for as many slots as `budget` bytes hold; none where no layer has a state.
  StateCache(const ModelConfig& config, uint64_t budget);

  PagePool& slots() { return slots_; }
  const PagePool& slots() const { return slots_; }
  // Layer i of every slot: empty where it has no state.
  const StateLayer& layer(int i) const { return layers_[static_cast<size_t>(i)]; }

  // Of all layers of one sequence; 0 where no layer has a state.
  static uint64_t slot_bytes(const ModelConfig& config);
  // With those of snapshots; UINT64_MAX where the sum overflows.
  static uint64_t bytes(const ModelConfig& config, const KvRoom& room);

 private:
  PagePool slots_;
  std::vector<StateLayer> layers_;
};

}  // namespace loam
