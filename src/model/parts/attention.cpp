#include "model/parts/attention.h"

#include <fmt/format.h>

#include <bit>
#include <cmath>

#include "base/error.h"

namespace loam {

Attention::Attention(const Weights& w, const ModelConfig& c, int layer, const AttentionSpec& spec)
    : layer_(layer), shape_(c.layer(layer)), spec_(spec) {
  bind_qkv(w, c.dim);
  bind_gate(w, c.dim);
  o_ = w.linear("attn_output", {c.dim, shape_.attention_dim()});
  if (!spec.output_bias) o_.bias = {};
  q_norm_ = HeadNorm(w, "attn_q_norm", shape_.n_heads, shape_.head_dim, spec.head_norms, c.norm_epsilon);
  k_norm_ = HeadNorm(w, "attn_k_norm", shape_.n_kv_heads, shape_.head_dim, spec.head_norms, c.norm_epsilon);
  if (!spec.inner_norm.empty())
    inner_norm_ = Norm(w, spec.inner_norm, shape_.attention_dim(), NormKind::rms, c.norm_epsilon);
  if (spec.max_alibi_bias > 0) slopes_ = alibi_slopes(shape_.n_heads, spec.max_alibi_bias);
  const float scale = c.attention_scale != 0 ? c.attention_scale : 1 / std::sqrt(static_cast<float>(shape_.head_dim));
  options_ = {.scale = spec.scale != 0 ? spec.scale : scale, .softcap = spec.softcap, .slopes = slopes_};
  if (spec.query_gain) query_gain_ = w.vector("attn_q_norm", {shape_.n_heads, 1});
  if (spec.sinks) options_.sinks = w.vector("attn_sinks", {shape_.n_heads});
}

void Attention::bind_qkv(const Weights& w, int64_t dim) {
  const int64_t q = shape_.q_dim() * (spec_.gate == AttentionGate::in_query ? 2 : 1);
  const int64_t k = shape_.kv_dim(), v = shape_.v_dim();
  if (w.has("attn_qkv")) {
    const Shape shape{q + k + v, dim};
    q_ = w.linear("attn_qkv", shape, {.first = 0, .n = q});
    k_ = w.linear("attn_qkv", shape, {.first = q, .n = k});
    v_ = w.linear("attn_qkv", shape, {.first = q + k, .n = v});
  } else {
    q_ = w.linear("attn_q", {q, dim});
    k_ = w.linear("attn_k", {k, dim});
    v_ = w.linear("attn_v", {v, dim});
  }
  if (!spec_.biases)
    for (Linear* linear : {&q_, &k_, &v_}) linear->bias = {};
}

void Attention::bind_gate(const Weights& w, int64_t dim) {
  if (spec_.gate == AttentionGate::own) gate_ = w.linear("attn_gate", {shape_.attention_dim(), dim});
  if (spec_.gate == AttentionGate::of_head) gate_ = w.linear("attn_gate", {shape_.n_heads, dim});
}

Tensor Attention::run(Ops& f, const Tensor& x, const Batch& batch, KvCache& cache) const {
  check_positions(batch, spec_.n_positions);
  std::vector<const Linear*> products = {&q_, &k_, &v_};
  if (gate_.weight) products.push_back(&gate_);
  std::vector<Tensor> qkv = f.linears(x, products);
  Tensor gate = gate_.weight ? qkv[3] : Tensor{};
  if (spec_.gate == AttentionGate::in_query) {
    const Tensor both = qkv[0];
    qkv[0] = f.head_part(both, 2 * shape_.head_dim, 0, shape_.head_dim);
    gate = f.head_part(both, 2 * shape_.head_dim, shape_.head_dim, shape_.head_dim);
  }
  prepare(f, qkv[0], qkv[1], qkv[2], batch);
  Tensor attended = f.attention(qkv[0], qkv[1], qkv[2], cache.layer(layer_), batch, options_);
  attended = gated(f, inner_norm_(f, attended), gate, spec_.gate_activation);
  Tensor out = f.linear(attended, o_);
  if (spec_.output_scale != 1) f.scale(out, spec_.output_scale);
  return out;
}

void Attention::prepare(Ops& f, Tensor& q, Tensor& k, Tensor& v, const Batch& batch) const {
  if (spec_.clamp > 0)
    for (Tensor* t : {&q, &k, &v}) f.clamp(*t, spec_.clamp);
  const bool norm_last = spec_.head_norms.after_rope;
  if (!norm_last) q_norm_(f, q), k_norm_(f, k);
  if (spec_.rope.n_rotated > 0 && shape_.rope)
    for (Tensor* t : {&q, &k}) f.rope(*t, shape_.head_dim, batch.positions, spec_.rope);
  if (norm_last) q_norm_(f, q), k_norm_(f, k);
  if (spec_.query_gain) multiply_queries(f, q);
  if (spec_.temperature.length > 0) f.scale_rows(q, query_factors(spec_.temperature, batch));
}

void Attention::multiply_queries(Ops& f, Tensor& q) const {
  Tensor heads = q;  // the same numbers, a row for each head
  heads.shape = {q.shape.rows() * shape_.n_heads, shape_.head_dim};
  std::vector<float> factors;
  for (int64_t row = 0; row < q.shape.rows(); ++row)
    factors.insert(factors.end(), query_gain_.f32(), query_gain_.f32() + shape_.n_heads);
  f.scale_rows(heads, factors);
}

void check_positions(const Batch& batch, int64_t n_positions) {
  if (n_positions == 0) return;
  for (const int32_t position : batch.positions)
    if (position >= n_positions)
      throw Error(Error::Code::unsupported,
                  fmt::format("from token {} on this model attends to a choice of {} tokens, which loam has no code "
                              "for; use a context of at most {}",
                              n_positions + 1, n_positions, n_positions),
                  "context");
}

Tensor gated(Ops& f, const Tensor& attended, const Tensor& gate, const Activation& a) {
  if (!gate) return attended;
  const int64_t n_heads = gate.shape.cols(), n_rows = attended.shape.rows();
  if (n_heads == attended.shape.cols()) return f.activate(gate, attended, a);
  const Tensor factors = f.activate(gate, {}, a);  // (n_tokens, n_heads)
  Tensor heads = attended, factor = factors;       // the same numbers, a row for each head
  heads.shape = {n_rows * n_heads, attended.shape.cols() / n_heads};
  factor.shape = {heads.shape.rows(), 1};
  f.multiply(heads, factor);
  return attended;
}

std::vector<float> alibi_slopes(int n_heads, float max_bias) {
  const auto power = static_cast<int>(std::bit_floor(static_cast<unsigned>(n_heads)));
  std::vector<float> slopes;
  for (int i = 0; i < n_heads; ++i) {
    const double step = i < power ? static_cast<double>(i + 1) / power : (2.0 * (i - power) + 1) / (2.0 * power);
    slopes.push_back(static_cast<float>(std::exp2(-double{max_bias} * step)));
  }
  return slopes;
}

std::vector<float> query_factors(const QueryTemperature& t, const Batch& batch) {
  std::vector<float> factors;
  if (t.length == 0) return factors;
  for (const int32_t position : batch.positions) {
    const double turns = std::floor((static_cast<double>(position) + t.offset) / static_cast<double>(t.length));
    factors.push_back(static_cast<float>(1 + t.scale * std::log1p(turns)));
  }
  return factors;
}

}  // namespace loam
