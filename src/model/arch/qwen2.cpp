// Qwen2 and Qwen2.5: Llama's layer with biases on Q, K and V, and rotation by halves. arXiv 2407.10671.
#include "model/arch/list.h"
#include "model/model.h"

namespace loam {
namespace {

class Qwen2 final : public Model {
 public:
  explicit Qwen2(const Weights& w) : Model(w) {
    const ModelConfig& c = config_;
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
                         .ffn_norm = l.vector("ffn_norm", {c.dim}),
                         .gate = l.linear("ffn_gate", {c.ffn_dim, c.dim}),
                         .up = l.linear("ffn_up", {c.ffn_dim, c.dim}),
                         .down = l.linear("ffn_down", {c.dim, c.ffn_dim})});
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
      f.add(x, f.gated_ffn(f.rms_norm(x, l.ffn_norm, c.norm_epsilon), l.gate, l.up, l.down));
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
  };

  Ends ends_;
  Tensor norm_;
  Rope rope_;
  std::vector<Layer> layers_;
};

}  // namespace

std::unique_ptr<Model> make_qwen2(const Weights& weights) { return std::make_unique<Qwen2>(weights); }

}  // namespace loam
