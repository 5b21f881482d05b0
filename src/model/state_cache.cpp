#include "model/state_cache.h"

#include "model/kv_cache.h"
#include "model/model_config.h"

namespace loam {
namespace {

constexpr uint64_t kSnapshots = 3;   // of each sequence that there is room for
constexpr int64_t kLineFloats = 16;  // a layer begins at a multiple of it

int64_t whole_state_lines(int64_t floats) { return (floats + kLineFloats - 1) / kLineFloats * kLineFloats; }

}  // namespace

uint64_t StateCache::slot_bytes(const ModelConfig& config) {
  int64_t floats = 0;
  for (const StateSize& size : config.states) floats += whole_state_lines(size.convolved + size.recurrent);
  return static_cast<uint64_t>(floats) * sizeof(float);
}

uint64_t StateCache::bytes(const ModelConfig& config, const KvRoom& room) {
  uint64_t bytes = 0;
  const uint64_t n_slots = static_cast<uint64_t>(room.parallel) * (1 + kSnapshots);
  return __builtin_mul_overflow(slot_bytes(config), n_slots, &bytes) ? UINT64_MAX : bytes;
}

StateCache::StateCache(const ModelConfig& config, uint64_t budget)
    : slots_(slot_bytes(config), slot_bytes(config) > 0 ? budget : 0), layers_(static_cast<size_t>(config.n_layers)) {
  auto* data = reinterpret_cast<float*>(slots_.data());
  for (size_t i = 0; i < config.states.size(); ++i) {
    const StateSize& size = config.states[i];
    layers_[i] = {.data = data,
                  .stride = static_cast<int64_t>(slots_.page_bytes() / sizeof(float)),
                  .n_convolved = size.convolved,
                  .n_recurrent = size.recurrent};
    data += whole_state_lines(size.convolved + size.recurrent);
  }
}

}  // namespace loam
