// Attention of text encoders: every token sees its whole text, or those near it, ahead as much as behind.
#pragma once

#include <string_view>
#include <vector>

#include "model/model_config.h"
#include "model/parts/norm.h"
#include "model/weights.h"
#include "ops/ops.h"

namespace loam {

struct EncoderAttentionSpec {
  Rope rope = {};            // none where it rotates nothing
  int window = 0;            // a token sees those at most so far away; 0: all
  float max_alibi_bias = 0;  // of distances; 0: none
  std::vector<float> biases =
      {};  // of scores, by head and offset (attention_biased), instead of the two above; empty: none
  HeadNormSpec head_norms = {};
  std::string_view output = "attn_output";  // the output projection's name
  bool output_bias = true;                  // where the file has it
};

// Tensors attn_q, attn_k, attn_v or attn_qkv, attn_output, with biases where the file has them; attn_q_norm and
// attn_k_norm.
class EncoderAttention {
 public:
  // `w` is the layer's. Errors as Weights.
  EncoderAttention(const Weights& w, const ModelConfig& config, int layer, const EncoderAttentionSpec& spec);

  // x (n_tokens, dim) → (n_tokens, dim), in the context's arena.
  Tensor run(Ops& f, const Tensor& x, const Batch& batch) const;

 private:
  void bind_qkv(const Weights& w, int64_t dim);
  Tensor attend(Ops& f, const Tensor& q, const Tensor& k, const Tensor& v, const Batch& batch) const;

  const LayerConfig shape_;
  const EncoderAttentionSpec spec_;
  const float scale_;
  std::vector<float> slopes_;  // ALiBi's, of each head
  Linear q_, k_, v_, o_;
  HeadNorm q_norm_, k_norm_;
};

}  // namespace loam
