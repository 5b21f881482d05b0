#include "model/parts/encoder_attention.h"

#include "model/parts/attention.h"
#include "model/parts/spread_heads.h"
#include "ops/biased_attention.h"

namespace loam {

EncoderAttention::EncoderAttention(const Weights& w, const ModelConfig& c, int layer, const EncoderAttentionSpec& spec)
    : shape_(c.layer(layer)), spec_(spec), scale_(c.query_scale()) {
  bind_qkv(w, c.dim);
  o_ = w.linear(spec.output, {c.dim, shape_.q_dim()});
  if (!spec.output_bias) o_.bias = {};
  q_norm_ = HeadNorm(w, "attn_q_norm", shape_.n_heads, shape_.head_dim, spec.head_norms, c.norm_epsilon);
  k_norm_ = HeadNorm(w, "attn_k_norm", shape_.n_kv_heads, shape_.head_dim, spec.head_norms, c.norm_epsilon);
  if (spec.max_alibi_bias > 0) slopes_ = alibi_slopes(shape_.n_heads, spec.max_alibi_bias);
}

void EncoderAttention::bind_qkv(const Weights& w, int64_t dim) {
  const int64_t q = shape_.q_dim(), k = shape_.kv_dim();
  if (w.has("attn_qkv")) {
    const Shape shape{q + 2 * k, dim};
    q_ = w.linear("attn_qkv", shape, {.first = 0, .n = q});
    k_ = w.linear("attn_qkv", shape, {.first = q, .n = k});
    v_ = w.linear("attn_qkv", shape, {.first = q + k, .n = k});
  } else {
    q_ = w.linear("attn_q", {q, dim});
    k_ = w.linear("attn_k", {k, dim});
    v_ = w.linear("attn_v", {k, dim});
  }
}

Tensor EncoderAttention::run(Ops& f, const Tensor& x, const Batch& batch) const {
  std::vector<Tensor> qkv = f.linears(x, {&q_, &k_, &v_});
  q_norm_(f, qkv[0]);
  k_norm_(f, qkv[1]);
  if (spec_.rope.n_rotated > 0)
    for (Tensor* t : {&qkv[0], &qkv[1]}) f.rope(*t, shape_.head_dim, batch.positions, spec_.rope);
  const Tensor k = spread_heads(f, qkv[1], shape_.n_kv_heads, shape_.n_heads),
               v = spread_heads(f, qkv[2], shape_.n_kv_heads, shape_.n_heads);
  return f.linear(attend(f, qkv[0], k, v, batch), o_);
}

Tensor EncoderAttention::attend(Ops& f, const Tensor& q, const Tensor& k, const Tensor& v, const Batch& batch) const {
  if (!spec_.biases.empty()) return attention_biased(f, q, k, v, shape_.head_dim, batch.spans, scale_, spec_.biases);
  const Nearness nearness{.window = spec_.window, .slopes = slopes_};
  return f.attention_within(q, k, v, shape_.head_dim, batch.spans, scale_, nearness);
}

}  // namespace loam
