// T5's encoder, of sentence-t5 and gtr: RMS norms before each half, scores that are not scaled, biases by distance
// instead of positions, which the first layer has for all or each layer for itself. Raffel et al., arXiv 1910.10683.
#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "model/arch/encoders.h"
#include "model/parts/relative_bias.h"
#include "model/parts/text_encoder.h"

namespace loam {
namespace {

constexpr int64_t kFewestBuckets = 4, kMostBuckets = 256;

std::vector<float> bind_relative_biases(const Weights& layer, const ModelConfig& c, int i) {
  const std::string key = c.arch + ".attention.relative_buckets_count";
  const int64_t n = layer.metadata().require_integer(key, kFewestBuckets, kMostBuckets);
  if (n % 4 != 0)
    throw Error(Error::Code::unsupported, fmt::format("{} is {}; expected a multiple of 4", key, n),
                fmt::format("hparam@{}", layer.metadata().find(key)->offset));
  return relative_biases(layer.vector("attn_rel_b", {n, c.layer(i).n_heads}));
}

EncoderSpec describe_t5encoder(const Weights& w, ModelConfig& c) {
  c.attention_scale = 1;
  EncoderSpec spec{.norm = NormKind::rms,
                   .norms_first = true,
                   .embedding_norm = "",
                   .output_norm = "enc.output_norm",
                   .layer_scope = "enc.blk"};
  for (int i = 0; i < c.n_layers; ++i) {
    const Weights layer = w.scope(spec.layer_scope, i);
    const bool gated = layer.has("ffn_gate");
    EncoderLayerSpec own{.attention = {.output = "attn_o"},
                         .ffn = {.activation = {gated ? Activation::gelu : Activation::relu}, .gated = gated}};
    if (i == 0 || layer.has("attn_rel_b"))
      own.attention.biases = bind_relative_biases(layer, c, i);
    else
      own.attention.biases = spec.layers[0].attention.biases;
    spec.layers.push_back(std::move(own));
  }
  return spec;
}

}  // namespace

std::unique_ptr<Encoder> make_t5encoder(const Weights& weights) {
  return std::make_unique<TextEncoder>(weights, describe_t5encoder);
}

}  // namespace loam
