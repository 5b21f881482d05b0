// Jamba: Mamba's layers, attention without positions in some of them, experts in others. arXiv 2403.19887.
#include "model/arch/list.h"
#include "model/parts/decoder.h"
#include "model/parts/mamba.h"

namespace loam {
namespace {

DecoderSpec describe_jamba(const Weights& w, ModelConfig& c) {
  const SsmConfig ssm = SsmConfig::read(w.metadata(), /*heads=*/false);
  ExpertsSpec experts = experts_of(c);
  experts.options.normalise = false;
  experts.options.scoring = Scoring::softmax;
  experts.ffn = c.ffn_dim;
  DecoderSpec spec;
  for (int i = 0; i < c.n_layers; ++i) {
    LayerSpec layer;
    if (c.layer(i).n_kv_heads == 0) {
      c.keep_state(i, Mamba::state_size(ssm));
      layer.mixer = mixer_of<Mamba>(ssm);
    }
    if (w.scope("blk", i).has("ffn_gate_inp")) layer.experts = experts;
    spec.layers.push_back(layer);
  }
  return spec;
}

}  // namespace

std::unique_ptr<Model> make_jamba(const Weights& weights) { return std::make_unique<Decoder>(weights, describe_jamba); }

}  // namespace loam
