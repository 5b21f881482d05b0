// Ling 3 (Bailing 3): Kimi Delta Attention (arXiv 2510.26692) whose gate has a lower bound, and latent attention with a
// sigmoid gate of each head in some layers; experts beside shared ones, which are clamped.
#include <cmath>
#include <string>
#include <vector>

#include "base/error.h"
#include "model/arch/list.h"
#include "model/parts/decoder.h"
#include "model/parts/kimi_delta.h"
#include "model/parts/latent_attention.h"

namespace loam {
namespace {

// Layer i's of a key that has one number, or one for each layer.
Activation bailing_activation(const Metadata& metadata, const std::string& key, int i) {
  const MetaValue* value = metadata.find(key);
  const std::vector<double>* limits = value && value->type == MetaType::array ? metadata.numbers(key) : nullptr;
  double limit = 0;
  if (limits)
    limit = i < std::ssize(*limits) ? (*limits)[static_cast<size_t>(i)] : 0;
  else
    limit = metadata.number(key).value_or(0);
  if (!(limit > 0)) return {};
  return {.kind = Activation::swiglu_clamped, .limit = static_cast<float>(limit)};
}

KimiDeltaSizes bailing_sizes(const Metadata& metadata, const ModelConfig& c) {
  KimiDeltaSizes sizes = KimiDeltaSizes::read(metadata, c);
  sizes.bound = static_cast<float>(metadata.require_number(c.arch + ".kda.gate_lower_bound"));
  if (!(sizes.bound < 0) || !metadata.boolean(c.arch + ".kda.safe_gate").value_or(true))
    throw Error(Error::Code::unsupported, c.arch + ".kda.gate_lower_bound: loam knows safe gates with a bound below 0",
                "hparam@0");
  return sizes;
}

DecoderSpec describe_bailingmoe3(const Weights& w, ModelConfig& c) {
  const Metadata& metadata = w.metadata();
  const KimiDeltaSizes sizes = bailing_sizes(metadata, c);
  // Files of models that also see pictures turn halves; in a text all axes of a position are one.
  const bool has_sections = c.rope.sections[0] > 0 && c.rope.sections[1] > 0;
  const LatentAttentionSpec attention{
      .rope = bind_rope(w, c.rope, has_sections ? RopePairs::halves : RopePairs::adjacent),
      .scale = 1 / std::sqrt(static_cast<float>(c.mla.key_length > 0 ? c.mla.key_length : c.head_dim)),
      .gate = AttentionGate::of_head};
  DecoderSpec spec;
  for (int i = 0; i < c.n_layers; ++i) {
    LayerSpec layer;
    if (c.layer(i).n_kv_heads == 0) {
      c.keep_state(i, KimiDelta::state_size(sizes));
      layer.mixer = mixer_of<KimiDelta>(sizes);
    } else {
      layer.mixer = mixer_of<LatentAttention>(attention);
    }
    layer.ffn.activation = bailing_activation(metadata, c.arch + ".swiglu_clamp_shexp", i);
    if (c.has_experts(i)) {
      layer.experts = experts_of(c);
      layer.experts->options.activation = bailing_activation(metadata, c.arch + ".swiglu_clamp_exp", i);
      layer.experts->shared = SharedExpert::plain;
      layer.experts->shared_activation = layer.ffn.activation;
    }
    spec.layers.push_back(layer);
  }
  return spec;
}

}  // namespace

std::unique_ptr<Model> make_bailingmoe3(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_bailingmoe3);
}

}  // namespace loam
