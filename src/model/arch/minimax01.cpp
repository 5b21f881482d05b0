// MiniMax-01: lightning attention, a state that forgets at a fixed speed, and every eighth layer attends; experts. What
// a half adds to is its normed input. arXiv 2501.08313.
#include <algorithm>
#include <cmath>
#include <memory>
#include <vector>

#include "model/arch/list.h"
#include "model/model.h"
#include "model/parts/attention.h"
#include "model/parts/experts.h"
#include "model/parts/rotation.h"
#include "ops/state_ops.h"

namespace loam {
namespace {

// Tensors attn_qkv, which gives each head its query, key and value, attn_gate, attn_norm_2 and attn_output.
class LightningAttention final : public Mixer {
 public:
  LightningAttention(const Weights& w, const ModelConfig& c, int layer)
      : layer_(layer),
        n_heads_(c.n_heads),
        head_dim_(c.head_dim),
        qkv_(w.linear("attn_qkv", {3 * c.q_dim(), c.dim})),
        gate_(w.linear("attn_gate", {c.q_dim(), c.dim})),
        out_(w.linear("attn_output", {c.dim, c.q_dim()})),
        norm_(w, "attn_norm_2", c.q_dim(), NormKind::rms, c.norm_epsilon),
        write_(static_cast<size_t>(c.n_heads), 1.0f) {
    // The heads' speeds are ALiBi's slopes; the deeper the layer, the slower it forgets.
    const double depth = 1 - static_cast<double>(layer) / std::max(1, c.n_layers - 1) + 1e-5;
    for (const float slope : alibi_slopes(c.n_heads, 8)) decay_.push_back(static_cast<float>(std::exp(-slope * depth)));
  }

  static StateSize state_size(const ModelConfig& c) {
    return {.convolved = 0, .recurrent = c.q_dim() * c.head_dim, .activations = 9 * c.q_dim()};
  }

  Tensor run(Ops& f, const Tensor& x, const Batch& batch, KvCache& cache) const override {
    const Tensor qkv = f.activate(f.linear(x, qkv_), {}, {.kind = Activation::silu});
    const auto part = [&](int i) { return f.head_part(qkv, 3 * head_dim_, i * head_dim_, head_dim_); };
    const Tensor q = part(0), k = part(1), v = part(2);
    const Tensor y = StateOps(f.context(), batch)
                         .recur({.n_heads = n_heads_,
                                 .n_key_heads = n_heads_,
                                 .q = q,
                                 .k = k,
                                 .v = v,
                                 .decay = of_every_row(decay_, x),
                                 .write = of_every_row(write_, x),
                                 .skip = {}},
                                cache.states().layer(layer_));
    return f.linear(f.activate(f.linear(x, gate_), norm_(f, y), {.kind = Activation::sigmoid}), out_);
  }

 private:
  static Columns of_every_row(const std::vector<float>& values, const Tensor& x) {
    Columns columns;
    columns.first = values.data();
    columns.n_rows = x.shape.rows();
    columns.n = std::ssize(values);
    return columns;
  }

  const int layer_, n_heads_, head_dim_;
  Linear qkv_, gate_, out_;
  Norm norm_;
  std::vector<float> decay_, write_;
};

class MiniMax01 final : public Model {
 public:
  explicit MiniMax01(const Weights& w) : Model(w) {
    ModelConfig& c = config_;
    bind_ends();
    norm_ = Norm(w, "output_norm", c.dim, NormKind::rms, c.norm_epsilon);
    const AttentionSpec attention{.rope = bind_rope(w, c.rope, RopePairs::halves), .output_bias = false};
    ExpertsSpec experts = experts_of(c);
    experts.ffn = c.ffn_dim;
    experts.options.normalise = true;
    experts.options.scoring = Scoring::softmax;
    for (int i = 0; i < c.n_layers; ++i) {
      const Weights l = w.scope("blk", i);
      Layer layer;
      layer.mixer_norm = Norm(l, "attn_norm", c.dim, NormKind::rms, c.norm_epsilon);
      if (l.has("attn_norm_2")) {
        c.keep_state(i, LightningAttention::state_size(c));
        layer.mixer = std::make_unique<LightningAttention>(l, c, i);
      } else {
        layer.mixer = std::make_unique<Attention>(l, c, i, attention);
      }
      layer.ffn_norm = Norm(l, "ffn_norm", c.dim, NormKind::rms, c.norm_epsilon);
      layer.ffn = std::make_unique<Experts>(l, c, i, experts);
      layers_.push_back(std::move(layer));
    }
  }

  Tensor hidden(Context& context, const Batch& batch, KvCache& cache) const override {
    Ops f(context);
    Tensor x = f.embed(ends_.embed, batch.tokens);  // (n_tokens, dim)
    for (const Layer& layer : layers_) {
      const Arena::Scope layer_memory(context.arena);
      Tensor h = layer.mixer_norm(f, x);
      Tensor mixed = layer.mixer->run(f, h, batch, cache);
      add_scaled(f, mixed, h);
      h = layer.ffn_norm(f, mixed);
      Tensor y = layer.ffn->run(f, h, batch);
      add_scaled(f, y, h);
      std::copy_n(y.f32(), y.shape.elements(), x.f32());
    }
    if (batch.logit_rows.empty()) return {};
    return norm_(f, f.rows(x, batch.logit_rows));
  }

 private:
  struct Layer {
    Norm mixer_norm, ffn_norm;
    std::unique_ptr<Mixer> mixer;
    std::unique_ptr<Experts> ffn;
  };

  // y += scale · h
  void add_scaled(Ops& f, Tensor& y, Tensor& h) const {
    if (config_.scales.residual != 0) f.scale(h, config_.scales.residual);
    f.add(y, h);
  }

  Norm norm_;
  std::vector<Layer> layers_;
};

}  // namespace

std::unique_ptr<Model> make_minimax01(const Weights& weights) { return std::make_unique<MiniMax01>(weights); }

}  // namespace loam
