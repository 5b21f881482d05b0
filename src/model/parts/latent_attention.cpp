#include "model/parts/latent_attention.h"

#include <fmt/format.h>

#include <vector>

#include "base/error.h"

namespace loam {

LatentAttention::LatentAttention(const Weights& w, const ModelConfig& c, int layer, const LatentAttentionSpec& spec)
    : layer_(layer),
      shape_(c.layer(layer)),
      spec_(spec),
      folded_(c.mla.key_length > 0),
      n_heads_(shape_.n_heads),
      rank_(c.mla.kv_rank),
      rotated_(spec.rope.n_rotated),
      plain_((folded_ ? c.mla.key_length : shape_.head_dim) - rotated_),
      value_(folded_ ? c.mla.value_length : shape_.value_dim) {
  check(c);
  bind_queries(w, c);
  bind_latent(w, c);
  if (spec.key_norm) k_norm_ = HeadNorm(w, "attn_k_norm", 1, rotated_, {.over = HeadNormSpec::head}, c.norm_epsilon);
  if (spec.sinks) sinks_ = w.vector("attn_sinks", {n_heads_});
  if (spec.gate == AttentionGate::own) gate_ = w.linear("attn_gate", {n_heads_ * value_, c.dim});
  if (spec.gate == AttentionGate::of_head) gate_ = w.linear("attn_gate", {n_heads_, c.dim});
  o_ = w.linear("attn_output", {c.dim, n_heads_ * value_});
}

void LatentAttention::check(const ModelConfig& c) const {
  const int64_t heads = folded_ ? 1 : n_heads_, key = (folded_ ? rank_ : plain_) + rotated_;
  const bool fits = rank_ > 0 && plain_ >= (folded_ ? 1 : 0) && value_ > 0 && shape_.n_kv_heads == heads &&
                    shape_.head_dim == key && (!folded_ || shape_.value_dim == rank_);
  if (!fits)
    throw Error(
        Error::Code::model_invalid,
        fmt::format("{}.attention.kv_lora_rank: a latent vector of {} does not fit {} cached heads of {} and {}",
                    c.arch, rank_, shape_.n_kv_heads, shape_.head_dim, shape_.value_dim),
        "hparam@0");
}

void LatentAttention::bind_queries(const Weights& w, const ModelConfig& c) {
  const int64_t out = n_heads_ * (plain_ + rotated_), rank = c.mla.q_rank;
  if (w.has("attn_q")) {
    q_b_ = w.linear("attn_q", {out, c.dim});
    return;
  }
  q_a_ = w.linear("attn_q_a", {rank, c.dim});
  q_norm_ = Norm(w, "attn_q_a_norm", rank, NormKind::rms, c.norm_epsilon);
  q_b_ = w.linear("attn_q_b", {out, rank});
}

void LatentAttention::bind_latent(const Weights& w, const ModelConfig& c) {
  const Shape both{rank_ + rotated_, c.dim};
  latent_ = w.linear("attn_kv_a_mqa", both, {.first = 0, .n = rank_});
  k_rotated_ = w.linear("attn_kv_a_mqa", both, {.first = rank_, .n = rotated_});
  latent_norm_ = Norm(w, "attn_kv_a_norm", rank_, NormKind::rms, c.norm_epsilon);
  if (folded_) {
    k_b_ = w.matrix("attn_k_b", {n_heads_, rank_, plain_});
    v_b_ = w.matrix("attn_v_b", {n_heads_, value_, rank_});
  } else {
    kv_b_ = w.linear("attn_kv_b", {n_heads_ * (plain_ + value_), rank_});
  }
}

// Each head's plain features, which stand first in x, and the rotated ones, which all heads may share. Heads that
// rotate whole have no plain ones.
Tensor LatentAttention::with_rotated(Ops& f, const Tensor& x, int64_t head_dim, const Tensor& rotated) const {
  if (plain_ > 0) return f.join_heads(f.head_part(x, head_dim, 0, plain_), plain_, rotated, rotated_);
  return f.head_part(f.join_heads(x, head_dim, rotated, rotated_), head_dim + rotated_, head_dim, rotated_);
}

Tensor LatentAttention::run(Ops& f, const Tensor& x, const Batch& batch, KvCache& cache) const {
  check_positions(batch, spec_.n_positions);
  std::vector<Tensor> inputs = f.linears(x, {q_a_.weight ? &q_a_ : &q_b_, &latent_, &k_rotated_});
  const Tensor q = q_a_.weight ? f.linear(q_norm_(f, inputs[0]), q_b_) : inputs[0];
  const Tensor latent = latent_norm_(f, inputs[1]);
  Tensor q_rotated = f.head_part(q, plain_ + rotated_, plain_, rotated_), k_rotated = inputs[2];
  k_norm_(f, k_rotated);
  for (Tensor* t : {&q_rotated, &k_rotated}) f.rope(*t, static_cast<int>(rotated_), batch.positions, spec_.rope);

  Tensor queries, keys, values;
  if (folded_) {  // q·(k_b·latent) = (k_bᵀ·q)·latent
    queries = f.join_heads(f.head_linear(q, k_b_), rank_, q_rotated, rotated_);
    keys = f.join_heads(latent, rank_, k_rotated, rotated_);
    values = latent;
  } else {
    const Tensor kv = f.linear(latent, kv_b_);
    queries = with_rotated(f, q, plain_ + rotated_, q_rotated);
    keys = with_rotated(f, kv, plain_ + value_, k_rotated);
    values = f.head_part(kv, plain_ + value_, plain_, value_);
  }
  if (spec_.temperature.length > 0) f.scale_rows(queries, query_factors(spec_.temperature, batch));
  const Tensor attended =
      f.attention(queries, keys, values, cache.layer(layer_), batch, {.scale = spec_.scale, .sinks = sinks_});
  const Tensor values_of_heads = folded_ ? f.head_linear(attended, v_b_) : attended;
  return f.linear(gate_.weight ? gated(f, values_of_heads, f.linear(x, gate_)) : values_of_heads, o_);
}

}  // namespace loam
