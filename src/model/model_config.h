// A model's hyperparameters, read from metadata once and checked.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "file/metadata.h"
#include "ops/ops.h"

namespace loam {

enum class RopeScaling { none, linear, yarn, longrope };

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
  std::array<int, 4> sections{};  // M-RoPE: pairs that turn by time, height, width and a fourth position; 0s: none
  bool operator==(const RopeConfig&) const = default;
};

// What may differ from layer to layer.
struct LayerConfig {
  int n_heads = 0, n_kv_heads = 0;  // 0 KV heads: the layer keeps no keys and values
  int head_dim = 0, value_dim = 0;  // of the cache; with MLA of its latent vector
  int64_t ffn_dim = 0;              // 0: no feed-forward part, or experts only
  bool sliding = false;             // attends to the window only
  bool rope = true;                 // rotates queries and keys
  bool recurrent = false;           // mixes tokens by a state, not by attention

  int64_t q_dim() const { return int64_t{n_heads} * head_dim; }
  int64_t kv_dim() const { return int64_t{n_kv_heads} * head_dim; }
  int64_t v_dim() const { return int64_t{n_kv_heads} * value_dim; }
  int64_t attention_dim() const { return int64_t{n_heads} * value_dim; }  // what the output projection reads
};

// Multi-head latent attention (DeepSeek-V2, arXiv 2405.04434): ranks of the compressed queries, and keys and values.
struct MlaConfig {
  int q_rank = 0;                        // 0: queries are not compressed
  int kv_rank = 0;                       // 0: no latent attention
  int key_length = 0, value_length = 0;  // of a head once unfolded; 0 where the cache keeps unfolded heads
};

// Which of a mixture's probabilities pick experts and weigh them. The numbers are GGUF's.
enum class ExpertGating { unset = 0, softmax = 1, sigmoid = 2, softmax_of_chosen = 3, sqrt_softplus = 4 };

// Of the experts, beside how many there are and how many are used.
struct ExpertConfig {
  int n_shared = 0;                     // experts that every token goes through
  int64_t shared_ffn_dim = 0;           // of all of those together; 0 where the file has none
  int n_leading_dense = 0;              // first layers without experts
  int every_n_layers = 0;               // every n-th layer has experts; 0 where the file has no such key
  int n_groups = 0, n_groups_used = 0;  // a token's experts come from the best groups; 0 or 1: no groups
  ExpertGating gating = ExpertGating::unset;
};

// Factors of activations and logits as the file has them; 0 where it has none. What they mean is the architecture's.
struct ScaleConfig {
  float embedding = 0, residual = 0, logit = 0;
};

// What a layer keeps of a sequence besides keys and values, in floats: see StateLayer. And how many numbers it computes
// for each token.
struct StateSize {
  int64_t convolved = 0, recurrent = 0, activations = 0;
};

// Fields follow GGUF's `<arch>.*` keys. Ranges are validated in `read` (bad-inputs rows 24, 25): counts positive and
// bounded, heads divisible by KV heads, finite positive rope base, 1 ≤ experts used ≤ experts. Files in the wild write
// 0 for "not set"; where a key is optional, 0 counts as absent.
struct ModelConfig {
  std::string arch;
  int n_layers = 0;
  int64_t n_vocab = 0, dim = 0, ffn_dim = 0, context_length = 0;
  int n_heads = 0, n_kv_heads = 0, head_dim = 0, value_dim = 0;
  float norm_epsilon = 0;        // of RMS norms, or of layer norms where the file has no other
  float layer_norm_epsilon = 0;  // the other way round
  int n_experts = 0, n_experts_used = 0;
  int64_t expert_ffn_dim = 0;
  bool expert_weights_norm = false;
  float expert_weights_scale = 1;
  ExpertConfig experts;
  MlaConfig mla;
  ScaleConfig scales;
  int sliding_window = 0;                          // tokens; 0 for none
  bool window_is_chunk = false;                    // Llama 4: a token sees its chunk of `sliding_window` tokens
  bool has_sliding_pattern = false;                // whether the file says which layers slide
  RopeConfig rope;                                 // of full-attention layers
  RopeConfig sliding_rope;                         // of sliding-window layers: as `rope`, but what the file gives apart
  double sliding_rope_base = 0;                    // of sliding-window layers; 0 where the file has none
  float attention_scale = 0;                       // 0: 1/sqrt(head_dim)
  float final_softcap = 0, attention_softcap = 0;  // as in the file; not every architecture applies them
  float clamp_qkv = 0;                             // bound of the magnitude of queries, keys and values; 0: none
  float max_alibi_bias = 0;                        // of the steepest head's ALiBi; 0: none
  bool parallel_residual = false;                  // attention and feed-forward part read the same input
  std::vector<LayerConfig> layers;                 // [n_layers]; the numbers above are the largest of these

  // [n_layers], set by architectures whose layers have a state; empty where none has.
  std::vector<StateSize> states;

  int64_t q_dim() const { return int64_t{n_heads} * head_dim; }
  int64_t kv_dim() const { return int64_t{n_kv_heads} * head_dim; }
  int64_t v_dim() const { return int64_t{n_kv_heads} * value_dim; }
  int64_t attention_dim() const { return int64_t{n_heads} * value_dim; }  // what the output projection reads
  float query_scale() const;                                              // multiplies q·k
  const LayerConfig& layer(int i) const { return layers[static_cast<size_t>(i)]; }
  LayerConfig& layer(int i) { return layers[static_cast<size_t>(i)]; }
  // The window of a layer's attention in tokens; 0 where it sees everything.
  int window(int i) const { return i < std::ssize(layers) && layer(i).sliding ? sliding_window : 0; }

  // Where the file gives no pattern: of `period` layers one attends to everything, the first or the last; 0: none does.
  void slide_by_default(int period, bool full_first = false);
  // Whether a layer has experts: none among the leading dense ones, then every_n_layers-th.
  bool has_experts(int i) const;
  // Layer i keeps a state, instead of keys and values unless it `attends`, too.
  void keep_state(int i, const StateSize& size, bool attends = false);
  // Every layer as the model's own numbers say: for configurations that are no file's.
  void fill_layers();

  // Error(model_invalid) naming the key, `where` = "hparam@<offset>"; Error(unsupported) for values that loam has no
  // code for.
  static ModelConfig read(const Metadata& metadata);
};

// Frequencies of `config`, [n_rotated/2]: pair i turns by base^(−2i/n_rotated) a token, divided by factors[i]
// (Llama-3's rope_freqs.weight, [n_rotated/2]; may be empty), then scaled linearly or by YaRN (arXiv 2309.00071).
Rope make_rope(const RopeConfig& config, bool adjacent, std::span<const float> factors = {});

}  // namespace loam
