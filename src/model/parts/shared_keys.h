// Attention of the last Gemmas: normed queries, keys and values whose scores are not scaled, and layers that attend to
// an earlier one's keys.
#pragma once

#include "model/model.h"
#include "model/model_config.h"
#include "model/parts/norm.h"
#include "model/weights.h"

namespace loam {

// Tensors attn_q, attn_q_norm and attn_output; of a layer that keeps its own keys attn_k, attn_k_norm and attn_v, where
// the file has it: else values are made of what keys are.
class SharedKeysAttention {
 public:
  // `source`: the layer whose keys and values it attends to, which has heads alike. Errors as Weights.
  SharedKeysAttention(const Weights& w, const ModelConfig& config, int layer, int source);

  // x (n_tokens, dim), normed → (n_tokens, dim)
  Tensor run(Ops& f, const Tensor& x, const Rope& rope, const Batch& batch, KvCache& cache) const;

 private:
  const int source_;
  const bool owns_;
  const LayerConfig shape_;
  const float epsilon_;
  Linear q_, k_, v_, o_;
  HeadNorm q_norm_, k_norm_;
};

// The last own layer whose window is as layer i's; i itself where it is among the first n_own.
int source_of_keys(const ModelConfig& config, int i, int n_own);

// Every layer's own embedding of the tokens, from a table and from what the first layer reads. Tensors
// per_layer_token_embd, per_layer_model_proj and per_layer_proj_norm.
class LayerEmbeddings {
 public:
  LayerEmbeddings() = default;
  // `features` of each layer. Errors as Weights.
  LayerEmbeddings(const Weights& w, const ModelConfig& config, int64_t features);

  // `embedded`: the tokens' embedding (n_tokens, dim) → (n_tokens, n_layers · features)
  Tensor run(Ops& f, const Tensor& embedded, const Batch& batch) const;

 private:
  float epsilon_ = 0;
  Tensor table_, norm_;
  Linear project_;
};

}  // namespace loam
