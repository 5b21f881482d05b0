// Whether a model fits the machine, before anything large is allocated.
#pragma once

#include <cstdint>
#include <optional>

namespace loam {

struct ModelConfig;

struct MemoryNeed {
  uint64_t weights = 0;       // packed
  uint64_t kv_per_token = 0;  // of the cache's context
  uint64_t parallel = 1;      // sequences at full context
  uint64_t work = 0;          // activations and logits of one step

  uint64_t total(uint64_t context) const;  // saturates
};

// Bytes of activations and logits while a step of `n_tokens` runs, `n_logits` of them with logits.
uint64_t work_bytes(const ModelConfig& config, int64_t n_tokens, int64_t n_logits);

// Error(no_memory) with what is needed, what is free, and the context that would fit. Nothing where `available` is
// unknown.
void check_memory(const MemoryNeed& need, int64_t context, std::optional<uint64_t> available);

}  // namespace loam
