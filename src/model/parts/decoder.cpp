#include "model/parts/decoder.h"

#include <utility>

namespace loam {

Decoder::Decoder(const Weights& w, Describe describe) : Model(w), spec_(describe(w, config_)) {
  bind_ends();
  if (!spec_.head_bias) ends_.head.bias = {};
  if (spec_.positions) positions_ = w.table("position_embd", {config_.context_length, config_.dim});
  embedding_norm_ = bind_norm(w, spec_.embedding_norm);
  if (spec_.norms_embedding) embedding_norm_ = Norm(spec_.norm, config_.norm_epsilon);
  norm_ = bind_norm(w, spec_.output_norm);
  for (int i = 0; i < config_.n_layers; ++i) layers_.push_back(bind_layer(w.scope("blk", i), i));
}

Norm Decoder::bind_norm(const Weights& w, std::string_view name, float epsilon) const {
  if (name.empty()) return {};
  if (epsilon == 0) epsilon = spec_.norm == NormKind::rms ? config_.norm_epsilon : config_.layer_norm_epsilon;
  return spec_.weighted_norms ? Norm(w, name, config_.dim, spec_.norm, epsilon) : Norm(spec_.norm, epsilon);
}

Decoder::Layer Decoder::bind_layer(const Weights& w, int i) const {
  const LayerSpec& spec = spec_.layers[static_cast<size_t>(i)];
  Layer layer;
  layer.before_mixer = bind_norm(w, spec_.norms.before_mixer);
  if (spec.mixer)
    layer.mixer = spec.mixer(w, config_, i);
  else
    layer.mixer = std::make_unique<Attention>(w, config_, i, spec.attention);
  layer.after_mixer = bind_norm(w, spec_.norms.after_mixer, spec_.after_epsilon);
  if (spec.no_ffn) return layer;
  layer.before_ffn = bind_norm(w, spec_.norms.before_ffn);
  layer.ffn = bind_ffn(w, i);
  layer.after_ffn = bind_norm(w, spec_.norms.after_ffn, spec_.after_epsilon);
  return layer;
}

std::unique_ptr<FeedForward> Decoder::bind_ffn(const Weights& w, int i) const {
  const LayerSpec& spec = spec_.layers[static_cast<size_t>(i)];
  if (spec.feed_forward) return spec.feed_forward(w, config_, i);
  if (spec.experts) return std::make_unique<Experts>(w, config_, i, *spec.experts);
  return std::make_unique<DenseFfn>(w, config_.dim, config_.layer(i).ffn_dim, spec.ffn, config_.norm_epsilon);
}

Tensor Decoder::hidden(Context& context, const Batch& batch, KvCache& cache) const {
  Ops f(context);
  Tensor x = embed(f, batch);  // (n_tokens, dim)
  for (const Layer& layer : layers_)
    spec_.parallel ? run_parallel(context, layer, x, batch, cache) : run(context, layer, x, batch, cache);
  if (batch.logit_rows.empty()) return {};
  return norm_(f, f.rows(x, batch.logit_rows));  // (n_logits, dim)
}

Tensor Decoder::logits(Ops& f, const Tensor& hidden) const {
  Tensor logits = Model::logits(f, hidden);
  if (spec_.logit_scale != 1) f.scale(logits, spec_.logit_scale);
  if (spec_.final_softcap != 0) f.softcap(logits, spec_.final_softcap);
  return logits;
}

Tensor Decoder::embed(Ops& f, const Batch& batch) const {
  Tensor x = f.embed(ends_.embed, batch.tokens, spec_.embedding_scale);
  if (spec_.positions) f.add(x, f.embed(positions_, batch.positions));
  return embedding_norm_(f, x);
}

void Decoder::run(Context& context, const Layer& layer, Tensor& x, const Batch& batch, KvCache& cache) const {
  Ops f(context);
  {
    const Arena::Scope mixer_memory(context.arena);
    add(f, x, layer.after_mixer(f, layer.mixer->run(f, layer.before_mixer(f, x), batch, cache)));
  }
  if (!layer.ffn) return;
  const Arena::Scope ffn_memory(context.arena);
  add(f, x, layer.after_ffn(f, layer.ffn->run(f, layer.before_ffn(f, x), batch)));
}

void Decoder::run_parallel(Context& context, const Layer& layer, Tensor& x, const Batch& batch, KvCache& cache) const {
  Ops f(context);
  const Arena::Scope layer_memory(context.arena);
  const Tensor h = layer.before_mixer(f, x);
  const bool same = spec_.norms.before_ffn == spec_.norms.before_mixer;
  const Tensor g = same ? h : layer.before_ffn(f, x);
  Tensor mixed = layer.after_mixer(f, layer.mixer->run(f, h, batch, cache));
  if (layer.ffn) f.add(mixed, layer.after_ffn(f, layer.ffn->run(f, g, batch)));
  add(f, x, mixed);
}

void Decoder::add(Ops& f, Tensor& x, Tensor y) const {
  if (spec_.residual_scale != 1) f.scale(y, spec_.residual_scale);
  f.add(x, y);
}

}  // namespace loam
