// A model's hyperparameters, read from metadata once and checked.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "file/metadata.h"
#include "ops/ops.h"

namespace loam {

enum class RopeScaling { none, linear, yarn };

// How rotary positions are stretched beyond the trained length. Fields follow GGUF's `<arch>.rope.*` keys.
struct RopeConfig {
  int n_rotated = 0;  // leading features of each head that rotate
  double base = 10000;
  RopeScaling scaling = RopeScaling::none;
  double factor = 1;                     // context extension: positions are divided by it (linear; YaRN's slow pairs)
  int64_t original_context = 0;          // trained length before the extension
  double attention_factor = 1;           // multiplies YaRN's own magnitude
  double magnitude = 1;                  // magnitude where YaRN's blend is off (ext_factor 0)
  double ext_factor = 1;                 // how far YaRN's fast pairs keep their speed: 1 fully, 0 not at all
  double beta_fast = 32, beta_slow = 1;  // turns within original_context that bound the blend
  double log_multiplier = 0;             // YaRN's mscale_all_dim; 0 for none
};

// Fields follow GGUF's `<arch>.*` keys. Ranges are validated in `read` (bad-inputs rows 24, 25): counts positive and
// bounded, heads divisible by KV heads, finite positive rope base, 1 ≤ experts used ≤ experts. Files in the wild write
// 0 for "not set"; where a key is optional, 0 counts as absent.
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
  int sliding_window = 0;                          // tokens; 0 for none
  std::vector<bool> is_sliding;                    // [n_layers]; empty where the file has no pattern
  RopeConfig rope;                                 // of full-attention layers
  double sliding_rope_base = 0;                    // of sliding-window layers; 0 where the file has none
  float attention_scale = 0;                       // 0: 1/sqrt(head_dim)
  float final_softcap = 0, attention_softcap = 0;  // as in the file; not every architecture applies them

  int64_t q_dim() const { return int64_t{n_heads} * head_dim; }
  int64_t kv_dim() const { return int64_t{n_kv_heads} * head_dim; }
  int64_t v_dim() const { return int64_t{n_kv_heads} * value_dim; }
  int64_t attention_dim() const { return int64_t{n_heads} * value_dim; }  // what the output projection reads
  float query_scale() const;                                              // multiplies q·k
  MoeOptions moe_options(int layer) const {                               // of a router whose chosen weights sum to one
    return {.layer = layer, .n_used = n_experts_used, .weight_scale = expert_weights_scale};
  }
  // The window of a layer's attention in tokens; 0 where it sees everything.
  int window(int layer) const { return layer < std::ssize(is_sliding) && is_sliding[layer] ? sliding_window : 0; }

  // Error(model_invalid) naming the key, `where` = "hparam@<offset>"; Error(unsupported) for values that loam has no
  // code for.
  static ModelConfig read(const Metadata& metadata);
};

// Frequencies of `config`, [n_rotated/2]: pair i turns by base^(−2i/n_rotated) a token, divided by factors[i]
// (Llama-3's rope_freqs.weight, [n_rotated/2]; may be empty), then scaled linearly or by YaRN (arXiv 2309.00071).
Rope make_rope(const RopeConfig& config, bool adjacent, std::span<const float> factors);

}  // namespace loam
