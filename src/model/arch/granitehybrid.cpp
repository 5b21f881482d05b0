// Granite 4: Mamba-2's layers and a few that attend, dense or with experts, and Granite's factors of embeddings,
// residuals and logits.
#include "model/arch/list.h"
#include "model/parts/decoder.h"
#include "model/parts/mamba.h"

namespace loam {
namespace {

DecoderSpec describe_granitehybrid(const Weights& w, ModelConfig& c) {
  const SsmConfig ssm = SsmConfig::read(w.metadata(), /*heads=*/true);
  ExpertsSpec experts = experts_of(c);
  experts.options.normalise = true;
  experts.options.scoring = Scoring::softmax;
  experts.ffn = c.ffn_dim;
  if (c.experts.shared_ffn_dim > 0) experts.shared = SharedExpert::plain;
  // The published models rotate nothing: their files say so by this key.
  const bool rotates = w.metadata().boolean("granitehybrid.rope.scaling.finetuned").value_or(true);
  const AttentionSpec attention{.rope = rotates ? bind_rope(w, c.rope, RopePairs::adjacent) : Rope{}};
  DecoderSpec spec;
  for (int i = 0; i < c.n_layers; ++i) {
    LayerSpec layer{.attention = attention};
    if (c.layer(i).n_kv_heads == 0) {
      c.keep_state(i, Mamba2::state_size(ssm));
      layer.mixer = mixer_of<Mamba2>(ssm);
    }
    if (w.scope("blk", i).has("ffn_gate_inp")) layer.experts = experts;
    spec.layers.push_back(layer);
  }
  if (c.scales.embedding != 0) spec.embedding_scale = c.scales.embedding;
  if (c.scales.residual != 0) spec.residual_scale = c.scales.residual;
  if (c.scales.logit != 0) spec.logit_scale = 1 / c.scales.logit;
  return spec;
}

}  // namespace

std::unique_ptr<Model> make_granitehybrid(const Weights& weights) {
  return std::make_unique<Decoder>(weights, describe_granitehybrid);
}

}  // namespace loam
