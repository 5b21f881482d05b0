// Qwen3 with experts: Qwen3's attention, and a softmax router whose chosen weights sum to one. arXiv 2505.09388.
#include "base/error.h"
#include "model/arch/list.h"
#include "model/model.h"

namespace loam {
namespace {

class Qwen3Moe final : public Model {
 public:
  explicit Qwen3Moe(const Weights& w) : Model(w) {
    const ModelConfig& c = config_;
    if (c.n_experts == 0) throw Error(Error::Code::model_invalid, "qwen3moe.expert_count: is missing or 0", "hparam@0");
    const int64_t ffn = c.expert_ffn_dim > 0 ? c.expert_ffn_dim : c.ffn_dim / c.n_experts_used;
    ends_ = bind_ends();
    norm_ = w.vector("output_norm", {c.dim});
    rope_ = make_rope(c.rope, /*adjacent=*/false, rope_factors());
    for (int i = 0; i < c.n_layers; ++i) {
      const Weights l = w.scope("blk", i);
      layers_.push_back({.attn_norm = l.vector("attn_norm", {c.dim}),
                         .q = l.linear("attn_q", {c.q_dim(), c.dim}),
                         .k = l.linear("attn_k", {c.kv_dim(), c.dim}),
                         .v = l.linear("attn_v", {c.v_dim(), c.dim}),
                         .o = l.linear("attn_output", {c.dim, c.attention_dim()}),
                         .q_norm = l.vector("attn_q_norm", {c.head_dim}),
                         .k_norm = l.vector("attn_k_norm", {c.head_dim}),
                         .ffn_norm = l.vector("ffn_norm", {c.dim}),
                         .moe = {.router = l.matrix("ffn_gate_inp", {c.n_experts, c.dim}),
                                 .gate = l.matrix("ffn_gate_exps", {c.n_experts, ffn, c.dim}),
                                 .up = l.matrix("ffn_up_exps", {c.n_experts, ffn, c.dim}),
                                 .down = l.matrix("ffn_down_exps", {c.n_experts, c.dim, ffn})}});
    }
  }

  Tensor forward(Context& context, const Batch& batch, KvCache& cache) const override {
    const ModelConfig& c = config_;
    Ops f(context);
    Tensor x = f.embed(ends_.embed, batch.tokens);  // (n_tokens, dim)
    for (int i = 0; i < c.n_layers; ++i) {
      const Layer& l = layers_[i];
      {
        const Arena::Scope attention_memory(context.arena);
        const Tensor h = f.rms_norm(x, l.attn_norm, c.norm_epsilon);
        std::vector<Tensor> qkv = f.linears(h, {&l.q, &l.k, &l.v});
        f.head_norm(qkv[0], l.q_norm, c.norm_epsilon);
        f.head_norm(qkv[1], l.k_norm, c.norm_epsilon);
        f.rope(qkv[0], c.head_dim, batch.positions, rope_);
        f.rope(qkv[1], c.head_dim, batch.positions, rope_);
        const Tensor attended = f.attention(qkv[0], qkv[1], qkv[2], cache.layer(i), batch, {.scale = c.query_scale()});
        f.add(x, f.linear(attended, l.o));
      }
      const Arena::Scope ffn_memory(context.arena);
      f.add(x, f.moe(f.rms_norm(x, l.ffn_norm, c.norm_epsilon), l.moe, c.moe_options(i), batch.spans));
    }
    if (batch.logit_rows.empty()) return {};
    return f.linear(f.rms_norm(f.rows(x, batch.logit_rows), norm_, c.norm_epsilon), ends_.head);  // (n_logits, n_vocab)
  }

 private:
  struct Layer {
    Tensor attn_norm;
    Linear q, k, v, o;
    Tensor q_norm, k_norm, ffn_norm;
    MoeWeights moe;
  };

  Ends ends_;
  Tensor norm_;
  Rope rope_;
  std::vector<Layer> layers_;
};

}  // namespace

std::unique_ptr<Model> make_qwen3moe(const Weights& weights) { return std::make_unique<Qwen3Moe>(weights); }

}  // namespace loam
