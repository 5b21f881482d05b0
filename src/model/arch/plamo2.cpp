// PLaMo 2 (Preferred Networks): state layers of its own and layers that attend, each half between two norms.
#include "model/arch/list.h"
#include "model/parts/decoder.h"
#include "model/parts/plamo2_mamba.h"

namespace loam {
namespace {

DecoderSpec describe_plamo2(const Weights& w, ModelConfig& c) {
  const SsmConfig ssm = SsmConfig::read(w.metadata(), /*heads=*/false);
  const AttentionSpec attention{.rope = make_rope(c.rope, /*adjacent=*/false),
                                .head_norms = {.over = HeadNormSpec::each_head}};
  DecoderSpec spec;
  spec.norms = {.after_mixer = "post_attention_norm", .after_ffn = "post_ffw_norm"};
  for (int i = 0; i < c.n_layers; ++i) {
    LayerSpec layer{.attention = attention};
    if (c.layer(i).n_kv_heads == 0) {
      c.keep_state(i, Plamo2Mamba::state_size(c, ssm));
      layer.mixer = mixer_of<Plamo2Mamba>(ssm);
    }
    spec.layers.push_back(layer);
  }
  return spec;
}

}  // namespace

std::unique_ptr<Model> make_plamo2(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_plamo2);
}

}  // namespace loam
