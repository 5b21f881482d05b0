// Llama 2 and 3, Mistral, SmolLM2; with experts, Mixtral.
// Touvron et al., arXiv 2302.13971, 2307.09288; Jiang et al., arXiv 2401.04088.
#include "model/arch/list.h"
#include "model/model.h"

namespace loam {
namespace {

class Llama final : public Model {
 public:
  explicit Llama(const Weights& w) : Model(w) {
    const ModelConfig& c = config_;
    ends_ = bind_ends();
    norm_ = w.vector("output_norm", {c.dim});
    rope_ = make_rope(c.rope, /*adjacent=*/true, rope_factors());
    for (int i = 0; i < c.n_layers; ++i) {
      const Weights l = w.scope("blk", i);
      Layer layer{.attn_norm = l.vector("attn_norm", {c.dim}),
                  .q = l.linear("attn_q", {c.q_dim(), c.dim}),
                  .k = l.linear("attn_k", {c.kv_dim(), c.dim}),
                  .v = l.linear("attn_v", {c.v_dim(), c.dim}),
                  .o = l.linear("attn_output", {c.dim, c.attention_dim()}),
                  .ffn_norm = l.vector("ffn_norm", {c.dim}),
                  .gate = {},
                  .up = {},
                  .down = {},
                  .moe = {}};
      if (c.n_experts > 0)
        bind_experts(l, layer);
      else
        bind_ffn(l, layer);
      layers_.push_back(layer);
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
        f.rope(qkv[0], c.head_dim, batch.positions, rope_);
        f.rope(qkv[1], c.head_dim, batch.positions, rope_);
        const Tensor attended = f.attention(qkv[0], qkv[1], qkv[2], cache.layer(i), batch, {.scale = c.query_scale()});
        f.add(x, f.linear(attended, l.o));
      }
      const Arena::Scope ffn_memory(context.arena);
      f.add(x, feed_forward(f, f.rms_norm(x, l.ffn_norm, c.norm_epsilon), i, batch));
    }
    if (batch.logit_rows.empty()) return {};
    return f.linear(f.rms_norm(f.rows(x, batch.logit_rows), norm_, c.norm_epsilon), ends_.head);  // (n_logits, n_vocab)
  }

 private:
  struct Layer {
    Tensor attn_norm;
    Linear q, k, v, o;
    Tensor ffn_norm;
    Linear gate, up, down;
    MoeWeights moe;  // instead of gate, up and down where the model has experts
  };

  void bind_ffn(const Weights& l, Layer& layer) const {
    const ModelConfig& c = config_;
    layer.gate = l.linear("ffn_gate", {c.ffn_dim, c.dim});
    layer.up = l.linear("ffn_up", {c.ffn_dim, c.dim});
    layer.down = l.linear("ffn_down", {c.dim, c.ffn_dim});
  }

  void bind_experts(const Weights& l, Layer& layer) const {
    const ModelConfig& c = config_;
    layer.moe = {.router = l.matrix("ffn_gate_inp", {c.n_experts, c.dim}),
                 .gate = l.matrix("ffn_gate_exps", {c.n_experts, c.ffn_dim, c.dim}),
                 .up = l.matrix("ffn_up_exps", {c.n_experts, c.ffn_dim, c.dim}),
                 .down = l.matrix("ffn_down_exps", {c.n_experts, c.dim, c.ffn_dim})};
  }

  Tensor feed_forward(Ops& f, const Tensor& x, int i, const Batch& batch) const {
    const Layer& l = layers_[i];
    if (config_.n_experts == 0) return f.gated_ffn(x, l.gate, l.up, l.down);
    return f.moe(x, l.moe, config_.moe_options(i), batch.spans);
  }

  Ends ends_;
  Tensor norm_;
  Rope rope_;
  std::vector<Layer> layers_;
};

}  // namespace

std::unique_ptr<Model> make_llama(const Weights& weights) { return std::make_unique<Llama>(weights); }

}  // namespace loam
