// BERT: an encoder with learned positions and token types, biases everywhere, and norms behind each half of a layer.
// Devlin et al., arXiv 1810.04805.
#include "model/arch/list.h"
#include "model/encoder.h"

namespace loam {
namespace {

class Bert final : public Encoder {
 public:
  explicit Bert(const Weights& w) : Encoder(w) {
    const ModelConfig& c = config_;
    const int64_t n_types = w.metadata().integer("tokenizer.ggml.token_type_count", 1, 1 << 16).value_or(2);
    tokens_ = w.table("token_embd", {c.n_vocab, c.dim});
    positions_ = w.table("position_embd", {c.context_length, c.dim});
    types_ = w.table("token_types", {n_types, c.dim});
    norm_ = bind_norm(w, "token_embd_norm");
    for (int i = 0; i < c.n_layers; ++i) {
      const Weights l = w.scope("blk", i);
      layers_.push_back({.q = l.linear("attn_q", {c.dim, c.dim}),
                         .k = l.linear("attn_k", {c.dim, c.dim}),
                         .v = l.linear("attn_v", {c.dim, c.dim}),
                         .o = l.linear("attn_output", {c.dim, c.dim}),
                         .attn_norm = bind_norm(l, "attn_output_norm"),
                         .up = l.linear("ffn_up", {c.ffn_dim, c.dim}),
                         .down = l.linear("ffn_down", {c.dim, c.ffn_dim}),
                         .ffn_norm = bind_norm(l, "layer_output_norm")});
    }
  }

 private:
  struct Norm {
    Tensor weight, bias;
  };
  struct Layer {
    Linear q, k, v, o;
    Norm attn_norm;
    Linear up, down;
    Norm ffn_norm;
  };

  Norm bind_norm(const Weights& w, std::string_view name) const {
    return {.weight = w.vector(name, {config_.dim}), .bias = w.vector(name, {config_.dim}, "bias")};
  }

  Tensor forward(Context& context, const Batch& batch) const override {
    const ModelConfig& c = config_;
    Ops f(context);
    const auto add_norm = [&](Tensor& x, const Tensor& y, const Norm& n) {
      f.add_layer_norm(x, y, n.weight, n.bias, c.norm_epsilon);
    };
    Tensor x = f.embed(tokens_, batch.tokens);  // (n_tokens, dim)
    f.add(x, f.embed(positions_, batch.positions));
    const std::vector<int32_t> single_text(batch.tokens.size());  // type 0: there are no pairs
    add_norm(x, f.embed(types_, single_text), norm_);
    for (const Layer& l : layers_) {
      const Arena::Scope layer_memory(context.arena);
      const std::vector<Tensor> qkv = f.linears(x, {&l.q, &l.k, &l.v});
      const Tensor attended = f.attention_within(qkv[0], qkv[1], qkv[2], c.head_dim, batch.spans, c.query_scale());
      add_norm(x, f.linear(attended, l.o), l.attn_norm);
      add_norm(x, f.plain_ffn(x, l.up, l.down, {Activation::gelu_erf}), l.ffn_norm);
    }
    return x;
  }

  Tensor tokens_, positions_, types_;
  Norm norm_;
  std::vector<Layer> layers_;
};

}  // namespace

std::unique_ptr<Encoder> make_bert(const Weights& weights) { return std::make_unique<Bert>(weights); }

}  // namespace loam
