#include "model/parts/shared_keys.h"

#include <cmath>

namespace loam {

SharedKeysAttention::SharedKeysAttention(const Weights& l, const ModelConfig& c, int layer, int source)
    : source_(source), owns_(layer == source), shape_(c.layer(source)), epsilon_(c.norm_epsilon) {
  const HeadNormSpec norm{.over = HeadNormSpec::head};
  q_ = l.linear("attn_q", {shape_.q_dim(), c.dim});
  q_norm_ = HeadNorm(l, "attn_q_norm", shape_.n_heads, shape_.head_dim, norm, epsilon_);
  o_.weight = l.matrix("attn_output", {c.dim, shape_.attention_dim()});
  if (!owns_) {
    q_.bias = {};
    return;
  }
  k_ = l.linear("attn_k", {shape_.kv_dim(), c.dim});
  if (l.has("attn_v")) v_ = l.linear("attn_v", {shape_.v_dim(), c.dim});
  k_norm_ = HeadNorm(l, "attn_k_norm", shape_.n_kv_heads, shape_.head_dim, norm, epsilon_);
}

Tensor SharedKeysAttention::run(Ops& f, const Tensor& x, const Rope& rope, const Batch& batch, KvCache& cache) const {
  Tensor q = f.linear(x, q_), k, v;
  q_norm_(f, q);
  f.rope(q, shape_.head_dim, batch.positions, rope);
  if (owns_) {
    k = f.linear(x, k_), v = v_.weight ? f.linear(x, v_) : f.head_part(k, k.shape.cols(), 0, k.shape.cols());
    k_norm_(f, k);
    f.head_norm(v, {}, shape_.value_dim, epsilon_);
    f.rope(k, shape_.head_dim, batch.positions, rope);
  }
  return f.linear(f.attention(q, k, v, cache.layer(source_), batch, {.scale = 1, .store = owns_}), o_);
}

int source_of_keys(const ModelConfig& config, int i, int n_own) {
  if (i < n_own) return i;
  int source = n_own - 1;
  while (source > 0 && config.layer(source).sliding != config.layer(i).sliding) --source;
  return source;
}

LayerEmbeddings::LayerEmbeddings(const Weights& w, const ModelConfig& c, int64_t features)
    : epsilon_(c.norm_epsilon),
      table_(w.table("per_layer_token_embd", {c.n_vocab, features * c.n_layers})),
      norm_(w.vector("per_layer_proj_norm", {features})),
      project_(w.linear("per_layer_model_proj", {features * c.n_layers, c.dim})) {}

Tensor LayerEmbeddings::run(Ops& f, const Tensor& embedded, const Batch& batch) const {
  Tensor out = f.linear(embedded, project_);
  f.scale(out, 1 / std::sqrt(static_cast<float>(embedded.shape.cols())));
  f.head_norm(out, norm_, epsilon_);
  f.add(out, f.embed(table_, batch.tokens, std::sqrt(static_cast<float>(norm_.shape.cols()))));
  f.scale(out, 1 / std::sqrt(2.0f));
  return out;
}

}  // namespace loam
