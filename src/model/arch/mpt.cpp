// MPT: ALiBi, layer norms, clamped queries, keys and values, and a plain feed-forward layer with GELU, whose hidden
// features quantised files divide by scales (AWQ). https://www.databricks.com/blog/mpt-7b.
#include "model/arch/list.h"
#include "model/parts/decoder.h"

namespace loam {
namespace {

// down(gelu(up(x)) / scales).
class ScaledFfn final : public FeedForward {
 public:
  ScaledFfn(const Weights& w, int64_t dim, int64_t ffn)
      : up_(w.linear("ffn_up", {ffn, dim})),
        down_(w.linear("ffn_down", {dim, ffn})),
        scales_(w.vector("ffn.act", {ffn}, "scales")) {}

  Tensor run(Ops& f, const Tensor& x, const Batch&) const override {
    Tensor hidden = f.activate(f.linear(x, up_), {}, {Activation::gelu});
    f.divide(hidden, scales_);
    return f.linear(hidden, down_);
  }

 private:
  const Linear up_, down_;
  const Tensor scales_;
};

std::unique_ptr<FeedForward> bind_scaled(const Weights& w, const ModelConfig& c, int i) {
  return std::make_unique<ScaledFfn>(w, c.dim, c.layer(i).ffn_dim);
}

DecoderSpec describe_mpt(const Weights& w, ModelConfig& c) {
  const Weights first = w.scope("blk", 0);
  LayerSpec layer{.attention = {.clamp = c.clamp_qkv, .max_alibi_bias = c.max_alibi_bias},
                  .ffn = {.activation = {Activation::gelu}, .gated = false}};
  if (first.has("attn_q_norm")) layer.attention.head_norms = {.over = HeadNormSpec::row, .kind = NormKind::layer};
  if (first.has("ffn.act", "scales")) layer.feed_forward = bind_scaled;
  return {.layers = every_layer(c, layer), .norm = NormKind::layer, .positions = w.has("position_embd")};
}

}  // namespace

std::unique_ptr<Model> make_mpt(const Weights& weights) { return std::make_unique<Decoder>(weights, describe_mpt); }

}  // namespace loam
