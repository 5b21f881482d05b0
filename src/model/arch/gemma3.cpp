// Gemma 3 (text): norms before and after each half of a layer, an RMS norm on every query and key head, GeGLU, and five
// layers with a sliding window to each that attends to everything. arXiv 2503.19786.
#include <cmath>

#include "model/arch/list.h"
#include "model/model.h"

namespace loam {
namespace {

constexpr int kFullAttentionPeriod = 6;      // where the file gives no pattern
constexpr double kSlidingRopeBase = 10'000;  // likewise; the sliding layers' positions are never stretched
constexpr int kLayersOf27B = 62;             // the one size that scales queries by dim / n_heads, not by head_dim

class Gemma3 final : public Model {
 public:
  explicit Gemma3(const Weights& w) : Model(w) {
    const ModelConfig& c = config_;
    ends_ = bind_ends();
    norm_ = w.vector("output_norm", {c.dim});
    bind_ropes();
    for (int i = 0; i < c.n_layers; ++i) {
      const Weights l = w.scope("blk", i);
      layers_.push_back({.attn_norm = l.vector("attn_norm", {c.dim}),
                         .q = l.linear("attn_q", {c.q_dim(), c.dim}),
                         .k = l.linear("attn_k", {c.kv_dim(), c.dim}),
                         .v = l.linear("attn_v", {c.v_dim(), c.dim}),
                         .o = l.linear("attn_output", {c.dim, c.attention_dim()}),
                         .q_norm = l.vector("attn_q_norm", {c.head_dim}),
                         .k_norm = l.vector("attn_k_norm", {c.head_dim}),
                         .post_attn_norm = l.vector("post_attention_norm", {c.dim}),
                         .ffn_norm = l.vector("ffn_norm", {c.dim}),
                         .gate = l.linear("ffn_gate", {c.ffn_dim, c.dim}),
                         .up = l.linear("ffn_up", {c.ffn_dim, c.dim}),
                         .down = l.linear("ffn_down", {c.dim, c.ffn_dim}),
                         .post_ffn_norm = l.vector("post_ffw_norm", {c.dim})});
    }
  }

  Tensor forward(Context& context, const Batch& batch, KvCache& cache) const override {
    const ModelConfig& c = config_;
    Ops f(context);
    Tensor x = f.embed(ends_.embed, batch.tokens, std::sqrt(static_cast<float>(c.dim)));  // (n_tokens, dim)
    for (int i = 0; i < c.n_layers; ++i) {
      const Layer& l = layers_[i];
      {
        const Arena::Scope attention_memory(context.arena);
        const Tensor attended = attention(f, f.rms_norm(x, l.attn_norm, c.norm_epsilon), i, batch, cache);
        f.add(x, f.rms_norm(f.linear(attended, l.o), l.post_attn_norm, c.norm_epsilon));
      }
      const Arena::Scope ffn_memory(context.arena);
      const Tensor h = f.rms_norm(x, l.ffn_norm, c.norm_epsilon);
      f.add(x, f.rms_norm(f.gated_ffn(h, l.gate, l.up, l.down, Gate::gelu), l.post_ffn_norm, c.norm_epsilon));
    }
    if (batch.logit_rows.empty()) return {};
    x = f.rms_norm(f.rows(x, batch.logit_rows), norm_, c.norm_epsilon);
    Tensor logits = f.linear(x, ends_.head);  // (n_logits, n_vocab)
    if (c.final_softcap != 0) f.softcap(logits, c.final_softcap);
    return logits;
  }

 private:
  struct Layer {
    Tensor attn_norm;
    Linear q, k, v, o;
    Tensor q_norm, k_norm, post_attn_norm, ffn_norm;
    Linear gate, up, down;
    Tensor post_ffn_norm;
  };

  void bind_ropes() {
    ModelConfig& c = config_;
    RopeConfig sliding{.n_rotated = c.rope.n_rotated, .base = kSlidingRopeBase};
    if (c.sliding_rope_base != 0) sliding.base = c.sliding_rope_base;
    rope_ = make_rope(c.rope, /*adjacent=*/false, rope_factors());
    sliding_rope_ = make_rope(sliding, /*adjacent=*/false, {});
    if (c.is_sliding.empty())
      for (int i = 0; i < c.n_layers; ++i) c.is_sliding.push_back((i + 1) % kFullAttentionPeriod != 0);
    if (c.attention_scale == 0 && c.n_layers == kLayersOf27B)
      c.attention_scale = 1 / std::sqrt(static_cast<float>(c.dim / c.n_heads));
  }

  Tensor attention(Ops& f, const Tensor& h, int i, const Batch& batch, KvCache& cache) const {
    const ModelConfig& c = config_;
    const Layer& l = layers_[i];
    const bool sliding = c.window(i) > 0;
    std::vector<Tensor> qkv = f.linears(h, {&l.q, &l.k, &l.v});
    f.head_norm(qkv[0], l.q_norm, c.norm_epsilon);
    f.head_norm(qkv[1], l.k_norm, c.norm_epsilon);
    f.rope(qkv[0], c.head_dim, batch.positions, sliding ? sliding_rope_ : rope_);
    f.rope(qkv[1], c.head_dim, batch.positions, sliding ? sliding_rope_ : rope_);
    return f.attention(qkv[0], qkv[1], qkv[2], cache.layer(i), batch, {.scale = c.query_scale()});
  }

  Ends ends_;
  Tensor norm_;
  Rope rope_, sliding_rope_;
  std::vector<Layer> layers_;
};

}  // namespace

std::unique_ptr<Model> make_gemma3(const Weights& weights) { return std::make_unique<Gemma3>(weights); }

}  // namespace loam
