// Multi-head latent attention (DeepSeek-V2, arXiv 2405.04434): the cache keeps a short latent vector for each token, in
// which all heads' keys and values are folded, and the keys' rotated part.
#pragma once

#include "model/model_config.h"
#include "model/parts/attention.h"
#include "model/parts/mixer.h"
#include "model/parts/norm.h"
#include "model/weights.h"

namespace loam {

struct LatentAttentionSpec {
  Rope rope = {};   // of the last n_rotated features of queries and keys
  float scale = 0;  // multiplies q·k
  QueryTemperature temperature = {};
  bool key_norm = false;                     // attn_k_norm, of the keys' rotated features before they rotate
  bool sinks = false;                        // attn_sinks: a logit of each head that takes part in the softmax
  AttentionGate gate = AttentionGate::none;  // own or of_head
  int64_t n_positions = 0;                   // that it is defined for; 0: all
};

// Tensors attn_q_a, attn_q_a_norm and attn_q_b, or attn_q; attn_kv_a_mqa, attn_kv_a_norm; attn_k_b and attn_v_b, or, in
// files whose cache keeps unfolded heads, attn_kv_b; attn_gate; attn_output.
class LatentAttention final : public Mixer {
 public:
  // `w` is the layer's. Errors as Weights, and Error(model_invalid) for lengths that contradict one another.
  LatentAttention(const Weights& w, const ModelConfig& config, int layer, const LatentAttentionSpec& spec);

  // Error(unsupported) for a position that it is not defined for.
  Tensor run(Ops& f, const Tensor& x, const Batch& batch, KvCache& cache) const override;

 private:
  void check(const ModelConfig& config) const;
  void bind_queries(const Weights& w, const ModelConfig& config);
  void bind_latent(const Weights& w, const ModelConfig& config);
  Tensor with_rotated(Ops& f, const Tensor& x, int64_t head_dim, const Tensor& rotated) const;

  const int layer_;
  const LayerConfig shape_;
  const LatentAttentionSpec spec_;
  const bool folded_;                      // the cache keeps latent vectors
  const int64_t n_heads_, rank_;           // features of a latent vector
  const int64_t rotated_, plain_, value_;  // of a head once unfolded
  Linear q_a_, q_b_;                       // q_b_ alone where queries are not compressed
  Norm q_norm_, latent_norm_;
  Linear latent_, k_rotated_;
  Tensor k_b_, v_b_;  // (n_heads, rank, plain), (n_heads, value, rank)
  Linear kv_b_;       // or unfolds keys and values
  HeadNorm k_norm_;
  Tensor sinks_;  // (n_heads), or empty
  Linear gate_, o_;
};

}  // namespace loam
