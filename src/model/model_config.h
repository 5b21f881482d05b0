// A model's hyperparameters, read from metadata once and checked.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "file/metadata.h"
#include "ops/ops.h"

namespace loam {

enum class RopeScaling { none, linear, yarn };

struct RopeConfig {
  int n_rotated = 0;
  double base = 10000;
  RopeScaling scaling = RopeScaling::none;
  double factor = 1;
  int64_t original_context = 0;
  double attention_factor = 1, ext_factor = -1, beta_fast = 32, beta_slow = 1;
};

// Fields follow GGUF's `<arch>.*` keys. Ranges are validated in `read` (bad-inputs rows 24, 25): counts positive and
// bounded, heads divisible by KV heads, finite positive rope base, 1 ≤ experts used ≤ experts.
struct ModelConfig {
  std::string arch;
  int n_layers = 0;
  int64_t n_vocab = 0, dim = 0, ffn_dim = 0, context_length = 0;
  int n_heads = 0, n_kv_heads = 0, head_dim = 0, value_dim = 0;
  float norm_epsilon = 0;
  int n_experts = 0, n_experts_used = 0;
  int64_t expert_ffn_dim = 0;
  bool expert_weights_norm = false;
  float expert_weights_scale = 1;
  int sliding_window = 0;
  std::vector<bool> is_sliding;  // [n_layers]
  RopeConfig rope;               // of full-attention layers
  float attention_scale = 0;     // 0: 1/sqrt(head_dim)
  float final_softcap = 0, attention_softcap = 0;

  int64_t q_dim() const { return int64_t{n_heads} * head_dim; }
  int64_t kv_dim() const { return int64_t{n_kv_heads} * head_dim; }

  static ModelConfig read(const Metadata& metadata);
};

// cos/sin frequencies for a rope configuration; `factors` (Llama-3's rope_freqs.weight, [n_rotated/2]) may be empty.
Rope make_rope(const RopeConfig& config, bool adjacent, std::span<const float> factors);

}  // namespace loam
