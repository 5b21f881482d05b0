#include "engine/memory_check.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "base/system_memory.h"
#include "model/model_config.h"

namespace loam {
namespace {

constexpr uint64_t kContextStep = 256;  // suggestions are multiples of it

std::string advice(const MemoryNeed& need, uint64_t available) {
  const uint64_t fixed = need.weights + need.work, per_token = std::max<uint64_t>(1, need.kv_per_token * need.parallel);
  const uint64_t fits = available > fixed ? (available - fixed) / per_token / kContextStep * kContextStep : 0;
  if (fits > 0) return fmt::format("try --ctx {}", fits);
  return "no context is short enough: try a smaller model or one with fewer bits a weight";
}

}  // namespace

uint64_t MemoryNeed::total(uint64_t context) const {
  uint64_t kv = 0, all = 0;
  if (__builtin_mul_overflow(kv_per_token, context, &kv) || __builtin_mul_overflow(kv, parallel, &kv) ||
      __builtin_add_overflow(weights + work, kv, &all))
    return UINT64_MAX;
  return all;
}

uint64_t work_bytes(const ModelConfig& c, int64_t n_tokens, int64_t n_logits) {
  const int64_t ffn = c.n_experts > 0 ? c.n_experts_used * std::max(c.expert_ffn_dim, c.ffn_dim) : c.ffn_dim;
  const int64_t attention = c.q_dim() + c.kv_dim() + c.v_dim() + c.attention_dim();
  // Each activation, and its quantised copy: (4 + 1) bytes. Six of the residual's width are alive at a time.
  const int64_t features = 6 * c.dim + attention + 3 * ffn;
  return static_cast<uint64_t>(n_tokens) * static_cast<uint64_t>(features) * 5 +
         static_cast<uint64_t>(n_logits) * static_cast<uint64_t>(c.n_vocab) * 4;
}

void check_memory(const MemoryNeed& need, int64_t context, std::optional<uint64_t> available) {
  const uint64_t total = need.total(static_cast<uint64_t>(context));
  if (!available || total <= *available) return;
  throw Error(Error::Code::no_memory, fmt::format("needs {}, {} free: {}", format_bytes(total),
                                                  format_bytes(*available), advice(need, *available)));
}

}  // namespace loam
