#include "model/parts/text_encoder.h"

#include <algorithm>

namespace loam {

EncoderSpec llama_encoder(const ModelConfig& config, const EncoderLayerSpec& layer) {
  return {.layers = every_encoder_layer(config, layer),
          .norm = NormKind::rms,
          .norms_first = true,
          .embedding_norm = "",
          .output_norm = "output_norm"};
}

TextEncoder::TextEncoder(const Weights& w, Describe describe, const ScoreHeadSpec& head)
    : Encoder(w, head), spec_(describe(w, config_)) {
  const ModelConfig& c = config_;
  tokens_ = w.table("token_embd", {c.n_vocab, c.dim});
  if (spec_.positions) positions_ = w.table("position_embd", {c.context_length, c.dim});
  if (spec_.types && w.has("token_types")) {
    const int64_t n_types = w.metadata().integer("tokenizer.ggml.token_type_count", 1, 1 << 16).value_or(2);
    types_ = w.table("token_types", {n_types, c.dim});
  }
  embedding_norm_ = bind_norm(w, spec_.embedding_norm);
  for (int i = 0; i < c.n_layers; ++i) layers_.push_back(bind_layer(w.scope(spec_.layer_scope, i), i));
  output_norm_ = bind_norm(w, spec_.output_norm);
}

Norm TextEncoder::bind_norm(const Weights& w, std::string_view name) const {
  return name.empty() ? Norm() : Norm(w, name, config_.dim, spec_.norm, config_.norm_epsilon);
}

TextEncoder::SumNorm TextEncoder::bind_sum_norm(const Weights& w, std::string_view name) const {
  return {.weight = w.vector(name, {config_.dim}), .bias = w.vector(name, {config_.dim}, "bias")};
}

TextEncoder::Layer TextEncoder::bind_layer(const Weights& w, int i) const {
  const ModelConfig& c = config_;
  const EncoderLayerSpec& spec = spec_.layers[static_cast<size_t>(i)];
  Layer layer;
  layer.attention = std::make_unique<EncoderAttention>(w, c, i, spec.attention);
  if (spec.experts)
    layer.ffn = std::make_unique<Experts>(w, c, i, *spec.experts);
  else
    layer.ffn = std::make_unique<DenseFfn>(w, c.dim, c.layer(i).ffn_dim, spec.ffn, c.norm_epsilon);
  if (spec.experts && w.has("ffn_exps", "bias")) layer.experts_bias = w.vector("ffn_exps", {c.dim}, "bias");
  if (spec_.norms_first) {
    if (i > 0 || w.has("attn_norm")) layer.before_attention = bind_norm(w, "attn_norm");
    layer.before_ffn = bind_norm(w, "ffn_norm");
    if (spec_.norms_outputs) {
      layer.of_attention = bind_norm(w, "post_attention_norm");
      layer.of_ffn = bind_norm(w, "post_ffw_norm");
    }
  } else {
    layer.after_attention = bind_sum_norm(w, "attn_output_norm");
    if (w.has("attn_norm_2")) layer.again = bind_sum_norm(w, "attn_norm_2");
    layer.after_ffn = bind_sum_norm(w, "layer_output_norm");
  }
  return layer;
}

Tensor TextEncoder::embed_tokens(Ops& f, const Batch& batch, std::span<const int32_t> types) const {
  Tensor x = f.embed(tokens_, batch.tokens, spec_.embedding_scale);  // (n_tokens, dim)
  if (positions_) f.add(x, f.embed(positions_, batch.positions));
  if (types_) {
    std::vector<int32_t> known(types.begin(), types.end());
    const auto last = static_cast<int32_t>(types_.shape.rows() - 1);
    for (int32_t& type : known) type = std::min(type, last);  // some models have one type for both texts
    f.add(x, f.embed(types_, known));
  }
  return embedding_norm_(f, x);
}

void TextEncoder::add_norm(Ops& f, Tensor& x, const Tensor& y, const SumNorm& norm) const {
  f.add_layer_norm(x, y, norm.weight, norm.bias, config_.norm_epsilon);
}

Tensor TextEncoder::run_ffn(Ops& f, const Layer& layer, const Tensor& x, const Batch& batch) const {
  Tensor out = layer.ffn->run(f, x, batch);
  if (layer.experts_bias) f.add_to_rows(out, layer.experts_bias);
  return out;
}

void TextEncoder::run(Ops& f, const Layer& layer, Tensor& x, const Batch& batch) const {
  Tensor mixed = layer.attention->run(f, layer.before_attention(f, x), batch);
  if (spec_.norms_first) {
    f.add(x, layer.of_attention(f, mixed));
    f.add(x, layer.of_ffn(f, run_ffn(f, layer, layer.before_ffn(f, x), batch)));
    return;
  }
  if (layer.again.weight) {
    add_norm(f, mixed, x, layer.after_attention);
    add_norm(f, x, mixed, layer.again);
  } else {
    add_norm(f, x, mixed, layer.after_attention);
  }
  add_norm(f, x, run_ffn(f, layer, x, batch), layer.after_ffn);
}

Tensor TextEncoder::forward(Context& context, const Batch& batch, std::span<const int32_t> types) const {
  Ops f(context);
  Tensor x = embed_tokens(f, batch, types);
  for (const Layer& layer : layers_) {
    const Arena::Scope layer_memory(context.arena);
    run(f, layer, x, batch);
  }
  return output_norm_(f, x);
}

}  // namespace loam
